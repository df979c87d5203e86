/** Which examples hurt: each with what is wrong, and one click that mends it. */
import { Check, Wrench } from "lucide";
import { html, icon, nothing, repeat } from "../dom.js";
import { percent } from "../words.js";
import { List } from "./list.js";

const MENDS = {
  wrong_label: (one) => (one.suggested ? `Mark it ${one.suggested}` : "Turn the mark around"),
  conflict: () => "Say the same of both",
  outlier: () => "Take the mark back",
  dark: () => "Leave it out",
  blurred: () => "Leave it out",
  empty: () => "Leave it out",
  tiny: () => "Leave it out",
};

/** @param {HTMLElement} element @param {object} project */
export function findings(element, project) {
  const list = new List(element, project, { ask: () => project.api.findings(), template });
  return list;

  function template(items) {
    if (!project.summary) return nothing;
    if (!project.version) return html`<p class="quiet">After the first Train, examples that hurt are listed here.</p>`;
    if (!items.length) return html`<p class="quiet">Nothing stands out: the marks agree with each other.</p>`;
    return html`<ul class="findings">${repeat(items, (one) => one.id, finding)}</ul>`;
  }

  function finding(one) {
    const mend = MENDS[one.kind]?.(one);
    return html`<li>
      ${[one.image, one.other].filter(Boolean).map((image) => html`<a href="../?photo=${image.id}">
        <img src=${image.thumbnail_url ?? image.image_url} alt=${image.filename} /></a>`)}
      <div>
        <p>${saying(one)}</p>
        ${one.gain ? html`<p class="quiet">Mended, the other examples are recognised
          ${Math.abs(100 * one.gain).toFixed(1)} points ${one.gain > 0 ? "more" : "less"} often.</p>` : nothing}
        ${project.may("label") ? html`<p class="ways">
          ${mend ? html`<button class="button small" @click=${() => act(one, "mend")}>${icon(Wrench)}${mend}</button>` : nothing}
          <button class="button small" @click=${() => act(one, "dismiss")}>${icon(Check)}It is right</button></p>` : nothing}
      </div>
    </li>`;
  }

  function act(one, what) {
    return list.settle(one, () => project.api.settleFinding(one.id, what));
  }
}

function saying(one) {
  const name = html`<b>${one.concept}</b>`;
  switch (one.kind) {
    case "wrong_label":
      return one.suggested
        ? html`Marked ${name}, but looks like <b>${one.suggested}</b>. How likely the mark is wrong: ${percent(one.score)}.`
        : html`How likely the mark about ${name} is wrong: ${percent(one.score)}.`;
    case "conflict":
      return html`Nearly the same photo twice, once marked ${name} and once not.`;
    case "outlier":
      return html`Marked ${name}, but unlike all other examples of it.`;
    case "inseparable":
      return html`${name} and <b>${one.suggested}</b> are taken for each other in ${percent(one.score)} of their examples. More examples, or one concept for both?`;
    case "dark":
      return "Too dark to learn from.";
    case "blurred":
      return "Too blurred to learn from.";
    case "empty":
      return "There is hardly anything on it.";
    default:
      return "Too small to learn from.";
  }
}
