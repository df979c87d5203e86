/** What the figures are from: each picture hidden in turn, or pictures kept for testing. */
import { html, nothing } from "../dom.js";
import { plural } from "../words.js";

export function sources({ source, all, version }, go) {
  const isRefined = Boolean(version.refinement.from);
  const { left_out: learned, test } = all.counts;
  const button = (name, text) => html`<button class="button small" aria-pressed=${source === name} @click=${() => go({ source: name })}>${text}</button>`;
  return html`
    <div class="sources" role="group" aria-label="Judged by">
      ${button("left_out", `${plural(learned, "photo")}, ${isRefined ? "which tuned it" : "each hidden in turn"}`)}
      ${test || source === "test" ? button("test", `${plural(test, "test photo")}`) : nothing}
    </div>
    <p class="quiet">${source === "test" ? "These photos were kept for testing: no version has learnt from them."
      : isRefined ? "The network was tuned on these photos, so it is right about nearly all of them: that proves nothing."
      : html`To be fair, Pupil hides each photo in turn, learns from the others, and asks itself what is on the hidden one.
        ${test ? nothing : "Keep some marked photos for testing, in the large view, to be judged by those as well."}`}</p>`;
}
