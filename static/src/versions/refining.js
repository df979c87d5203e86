/** Refining: the network itself is tuned in the background, and only what proves better is kept. */
import { html, nothing } from "../dom.js";
import { duration, percent } from "../words.js";

const IS_GOING_ON = new Set(["queued", "running"]);
const TELLS_FROM = 0.03; // before that, what is left is a guess

/** @param {import("../project.js").Project} project @param {(work: () => Promise<unknown>) => Promise<void>} attempt */
export function refining(project, attempt) {
  const job = project.summary?.jobs.find((one) => one.kind === "refine");
  const isGoingOn = job && IS_GOING_ON.has(job.state);
  return html`<section class="block" aria-labelledby="refine-title">
    <h2 id="refine-title">Refine</h2>
    <p class="quiet">Training fits what is learnt on top of a network that stays as it is. Refining tunes the network itself on your
      pictures. It takes minutes, goes on in the background, and is kept only where it proves better on pictures it had not seen.
      It then stands beside the others, for you to compare and publish.</p>
    <div aria-live="polite">${isGoingOn ? nothing : outcome(job)}</div>
    ${isGoingOn ? progress(job, () => attempt(() => project.api.stopRefining().then(() => project.refresh())))
      : html`<button class="button" @click=${() => attempt(() => project.api.refine().then(() => project.refresh()))}>Refine in the background</button>`}
  </section>`;
}

function progress(job, cancel) {
  const share = job.total > 1 ? job.done / job.total : 0;
  return html`<div class="refining">
    <span>${job.state === "queued" ? "Waiting…" : html`Refining… ${left(job, share)}`}</span>
    <progress max="1" .value=${share} aria-label="Refining">${percent(share)}</progress>
    <button class="button small" @click=${cancel}>Cancel</button></div>`;
}

function left(job, share) {
  if (share < TELLS_FROM || !job.started_at) return nothing;
  const seconds = (Date.now() - Date.parse(job.started_at)) / 1000;
  return html`<span class="quiet">about ${duration((seconds * (1 - share)) / share)} left</span>`;
}

function outcome(job) {
  if (!job) return nothing;
  const { version, accuracy_before: before, accuracy_after: after } = job.result;
  if (job.state === "failed") return html`<p class="message">${job.error.message}</p>`;
  if (job.state === "cancelled") return html`<p class="message">Cancelled: nothing was changed.</p>`;
  const measured = html`On pictures it had not seen: ${percent(before)} right before, ${percent(after)} after.`;
  return version ? html`<p class="message">${measured} So it is kept, as <a href=${`${version}/`}>version ${version}</a>.</p>`
    : html`<p class="message">${measured} That is no better, so nothing was changed.</p>`;
}
