/** A version's figures in plain words. They come from asking it about each marked picture with
 * that picture left out of what it learnt from. */
import { html, nothing, styles } from "./dom.js";
import { caveat } from "./health.js";
import { duration, interval, share as rounded } from "./words.js";

const WIDEST_TOLD = 0.5;

/** @typedef {{value: number | null, low: number | null, high: number | null}} Estimate */

/** One line: how often it is right, and between what that lies; shorter where a "but" follows. */
export function verdict(evaluation, { but = false } = {}) {
  const { accuracy } = evaluation;
  if (isUntold(accuracy)) return html`<span>too few photos unlike each other to judge it yet</span>`;
  return html`<span><span class="only-wide">right</span> <b>${share(evaluation)}</b>
    <span class="only-wide">${between(accuracy)}${but ? nothing : "of the time on unseen photos"}</span></span>`;
}

/** The same, shorter. */
export function share({ accuracy }) {
  return isUntold(accuracy) ? "too little to judge" : rounded(accuracy.value);
}

/** The range behind a share, in brackets, where one is known. @param {Estimate} accuracy */
export function between(accuracy) {
  return isUntold(accuracy) || accuracy.low == null ? nothing : html`(${interval(accuracy)}) `;
}

/** A figure that may lie anywhere says nothing. */
export function isUntold({ value, low, high }) {
  return value == null || (low != null && high - low > WIDEST_TOLD);
}

/** What the line leaves unsaid; where it tells no figure, nothing. */
export function unsaidOf(evaluation) {
  return isUntold(evaluation.accuracy) ? "" : caveat(evaluation);
}

/** Everything, for who wants to know. */
export function details({ number, seconds, evaluation }) {
  const { accuracy } = evaluation;
  const unsaid = unsaidOf(evaluation);
  return html`
    <h2>Version ${number}</h2>
    ${unsaid ? html`<p>It ${unsaid}. How often it is right is over all concepts and photos together, which hides
      that.</p>` : nothing}
    <p>To be fair, Pupil hides each marked photo in turn, learns from the others, and asks itself what is
      on the hidden one. ${accuracy.low == null ? nothing
        : html`On new pictures like these, expect it to be right <b>${interval(accuracy)}</b> of the time.`}</p>
    <table>
      <thead><tr><th>Concept</th><th>Finds</th><th>Right when it says so</th></tr></thead>
      <tbody>${evaluation.concepts.map(row)}</tbody>
    </table>
    ${evaluation.concepts.some((one) => !one.negatives) ? html`<p class="quiet">A concept without photos marked
      <em>not</em> it can’t be judged fairly: mark a few.</p>` : nothing}
    <p class="quiet">Learnt from ${evaluation.images} photos in ${duration(seconds)}.</p>`;
}

function row({ concept, support, recall, precision }) {
  const hits = Math.round((recall.value ?? 0) * support);
  const claimed = precision.value ? Math.round(hits / precision.value) : hits;
  return html`<tr>
    <th scope="row">${concept}</th>
    <td>${figure(hits, support, recall)}</td>
    <td>${figure(hits, claimed, precision)}</td>
  </tr>`;
}

/** @param {Estimate} estimate */
function figure(hits, of, estimate) {
  if (!of || estimate.value == null) return "too early to say";
  return html`${hits} of ${of}
    <span class="interval" title=${`between ${interval(estimate)}`}>
      <i ${styles({ left: `${estimate.low * 100}%`, right: `${100 - estimate.high * 100}%` })}></i>
      <b ${styles({ left: `${estimate.value * 100}%` })}></b>
    </span>
    <small>${interval(estimate)}</small>`;
}
