/** The picture being judged and the buttons to judge it. */
import { Check, SkipForward, Undo2, X } from "lucide";
import { html, icon, nothing, render, styles } from "../dom.js";
import { percent } from "../words.js";
import { swipe } from "./swipe.js";
import { together } from "./together.js";

/** What can be reviewed, in the order that teaches most. */
const KINDS = [
  ["uncertain", "Least certain"],
  ["mistakes", "Likely mistakes"],
  ["matches", "Confirm many"],
];

/**
 * @param {HTMLElement} element
 * @param {{project: object, queue: object, effect: object, concept: () => string, kind: () => string,
 *   q: () => string, go: (kind: string) => void, say: (value: string | null) => void,
 *   confirm: (picked: object[], out: object[]) => void, canUndo: () => boolean, undo: () => void}} page
 */
export function card(element, page) {
  const draw = () => render(template({ ...page, redraw: draw }), element);
  page.queue.addEventListener("change", draw);
  page.project.addEventListener("change", draw);
  swipe(element, { right: () => page.say("positive"), left: () => page.say("negative") });
  draw();
  return draw;
}

function template(page) {
  const { project, queue, concept, kind, effect } = page;
  if (!project.summary) return nothing;
  if (!project.concepts.length || (!project.learnt && kind() !== "found")) return nothingYet(project);
  const item = queue.current;
  const isTogether = kind() === "matches" && item;
  return html`
    <div class="kinds" role="group" aria-label="What to review">${page.q() ? choice(page, "found", `Found by “${page.q()}”`) : nothing}${
      KINDS.map(([value, text]) => choice(page, value, text))}</div>
    ${item ? html`<h2 class="question">${question(isTogether, concept())}</h2>` : nothing}
    ${isTogether ? together(page) : item ? judged(page, item) : done(page)}
    <div class="place"><span class="quiet" role="status">${item && !isTogether ? where(page, item) : nothing}</span>
      ${page.canUndo() ? html`<button class="link" @click=${page.undo}>${icon(Undo2)}Back <kbd>z</kbd></button>` : nothing}
      ${effect.template(concept())}</div>`;
}

/** Read out, too: which photo is asked about now. */
function where(page, item) {
  const { queue } = page;
  const { says, probability } = saidOf(page, item);
  return html`${queue.at + 1} of ${queue.items.length}<span class="sr-only">: ${item.filename}${says ? `, ${says} ${percent(probability)}` : ""}</span>`;
}

/** What is said of a picture; of a mark that may be a mistake, what is said when it is not learnt from. */
function saidOf({ project, concept, kind }, item) {
  const hidden = kind() === "mistakes" && project.mistake(concept(), item.id);
  if (hidden) return { says: "Without this mark, Pupil would say", probability: hidden.probability };
  const said = item.predictions.find((one) => one.concept === concept());
  return said ? { says: "Pupil says", probability: said.probability } : {};
}

function choice({ project, kind, go, concept }, value, text) {
  const count = value === "mistakes" ? project.mistakes(concept()).length : 0;
  return html`<button class="button small" aria-pressed=${kind() === value} @click=${() => go(value)}>${text}${count ? ` ${count}` : nothing}</button>`;
}

function question(isTogether, concept) {
  return isTogether ? html`Are these all <b>${concept}</b>?` : html`Is this <b>${concept}</b>?`;
}

function judged(page, item) {
  const { project, queue, concept, say } = page;
  const { says, probability } = saidOf(page, item);
  const mark = item.labels.find((one) => one.concept === concept())?.value;
  const colour = project.concept(concept())?.colour ?? "var(--ink-2)";
  return html`
    <figure class="judged" ${styles({ "--concept": colour })}>
      <div class="frame">${queue.elementOf(item)}</div>
      <figcaption>
        ${says ? html`<span class="bar"><i ${styles({ transform: `scaleX(${probability})` })}></i></span>
          ${says} <b>${percent(probability)}</b>` : nothing}
        ${mark ? html`<span class="quiet">· you said <b>${mark === "negative" ? "not " : ""}${concept()}</b></span>` : nothing}
      </figcaption>
    </figure>
    ${project.may("label") ? html`<div class="verdicts">
      <button class="button big no" @click=${() => say("negative")}>${icon(X)}No <kbd>n</kbd></button>
      <button class="button big" @click=${() => say(null)}>${icon(SkipForward)}Skip <kbd>s</kbd></button>
      <button class="button big yes" @click=${() => say("positive")}>${icon(Check)}Yes <kbd>y</kbd></button>
    </div>` : html`<p class="quiet place">You may look here; others mark the photos.</p>`}`;
}

function done({ project, queue, concept, kind, go }) {
  if (queue.isLoading) return html`<p class="quiet place" role="status">One moment…</p>`;
  if (queue.error) return html`<p class="message error" role="alert">${queue.error.message}</p>`;
  const next = project.learnt && KINDS[KINDS.findIndex(([value]) => value === kind()) + 1];
  const onward = next ? html`<button class="button" @click=${() => go(next[0])}>Go on: ${next[1].toLowerCase()}</button>` : nothing;
  if (queue.items.length) {
    return html`<div class="empty"><h2>That is all for now</h2>
      <p>Train again, and what you just said becomes a version.</p>${onward}</div>`;
  }
  return html`<div class="empty"><h2>Nothing to review</h2><p>${whyNothing(project, concept(), kind())}</p>${onward}</div>`;
}

function whyNothing(project, concept, kind) {
  if (kind === "found") return "All that the search finds is marked.";
  if (project.concept(concept)?.threshold == null) return `Pupil does not know “${concept}” yet. Mark some photos of it, and train.`;
  if (kind === "mistakes") return "No mark disagrees with what Pupil says.";
  if (kind === "matches") return "There is no unmarked match.";
  return "Every photo is marked already.";
}

function nothingYet(project) {
  const isMarked = project.concepts.some((concept) => concept.positives);
  return html`<div class="empty"><h2>Nothing to review yet</h2>
    <p>${isMarked ? "Press Train. Then the photos it is least sure of come here, one at a time."
      : "Mark a few photos and train. Then the photos it is least sure of come here, one at a time."}</p>
    <a class="button" href="../">Go to the photos</a></div>`;
}
