/** The picture being judged and the buttons to judge it. */
import { Check, SkipForward, Undo2, X } from "lucide";
import { html, icon, nothing, render, styles } from "../dom.js";
import { percent } from "../words.js";
import { swipe } from "./swipe.js";

const KINDS = [
  ["uncertain", "Least certain"],
  ["mistakes", "Likely mistakes"],
  ["matches", "Most likely"],
];

/**
 * @param {HTMLElement} element
 * @param {{project: object, queue: object, concept: () => string, kind: () => string,
 *   go: (kind: string) => void, say: (value: string | null) => void, undo: () => void}} page
 */
export function card(element, page) {
  const draw = () => render(template(page), element);
  page.queue.addEventListener("change", draw);
  page.project.addEventListener("change", draw);
  swipe(element, { right: () => page.say("positive"), left: () => page.say("negative") });
  draw();
  return draw;
}

function template(page) {
  const { project, queue, concept, kind, go } = page;
  if (!project.summary) return nothing;
  if (!project.concepts.length || !project.learnt) return nothingYet(project);
  const item = queue.current;
  return html`
    <div class="kinds" role="group" aria-label="What to review">
      ${KINDS.map(([value, text]) => html`<button class="button small" aria-pressed=${kind() === value} @click=${() => go(value)}>${text}</button>`)}
    </div>
    <h2 class="question">${item ? html`Is this <b>${concept()}</b>?` : nothing}</h2>
    ${item ? judged(page, item) : done(page)}`;
}

function judged({ project, queue, concept, say, undo }, item) {
  const said = item.predictions.find((one) => one.concept === concept());
  const mark = item.labels.find((one) => one.concept === concept())?.value;
  const colour = project.concept(concept())?.colour ?? "var(--ink-2)";
  return html`
    <figure class="judged" ${styles({ "--concept": colour })}>
      <div class="frame"><img src=${item.image_url} alt=${item.filename} draggable="false" /></div>
      <figcaption>
        ${said ? html`<span class="bar"><i ${styles({ transform: `scaleX(${said.probability})` })}></i></span>
          Pupil says <b>${percent(said.probability)}</b>` : nothing}
        ${mark ? html`<span class="quiet">· you said <b>${mark === "negative" ? "not " : ""}${concept()}</b></span>` : nothing}
      </figcaption>
    </figure>
    <div class="verdicts">
      <button class="button big no" @click=${() => say("negative")}>${icon(X)}No <kbd>n</kbd></button>
      <button class="button big" @click=${() => say(null)}>${icon(SkipForward)}Skip <kbd>s</kbd></button>
      <button class="button big yes" @click=${() => say("positive")}>${icon(Check)}Yes <kbd>y</kbd></button>
    </div>
    <p class="quiet place">${queue.at + 1} of ${queue.items.length}
      ${queue.at ? html`<button class="link" @click=${undo}>${icon(Undo2)}Back</button>` : nothing}</p>`;
}

function done({ project, queue, concept, kind }) {
  if (queue.isLoading) return html`<p class="quiet place" role="status">One moment…</p>`;
  if (queue.error) return html`<p class="message error" role="alert">${queue.error.message}</p>`;
  if (queue.items.length) {
    return html`<div class="empty"><h2>That is all for now</h2>
      <p>Train again, and Pupil learns from what you just said.</p></div>`;
  }
  const unknown = project.concept(concept())?.threshold == null;
  const text = unknown ? `Pupil does not know “${concept()}” yet. Mark some pictures of it, and train.`
    : kind() === "mistakes" ? "No mark disagrees with what Pupil says."
      : "Every picture is marked already.";
  return html`<div class="empty"><h2>Nothing to review</h2><p>${text}</p></div>`;
}

function nothingYet(project) {
  const isMarked = project.concepts.some((concept) => concept.positives);
  return html`<div class="empty"><h2>Nothing to review yet</h2>
    <p>${isMarked ? "Press Train. Then the pictures it is least sure of come here, one at a time."
      : "Mark a few photos and train. Then the pictures it is least sure of come here, one at a time."}</p>
    <a class="button" href="../">Go to the photos</a></div>`;
}
