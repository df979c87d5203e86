/** Refining: the network itself is tuned in the background, and only what proves better is kept. */
import { html, nothing } from "../dom.js";
import { duration, percent } from "../words.js";

const IS_GOING_ON = new Set(["queued", "running"]);
const TELLS_FROM = 0.03; // before that, what is left is a guess

/** The last step that was told, and when it was new here. */
let step = { job: 0, done: -1, at: 0 };

/** @param {import("../project.js").Project} project @param {(work: () => Promise<unknown>) => Promise<void>} attempt */
export function refining(project, attempt) {
  const job = lastRun(project);
  return html`<section class="block" aria-labelledby="refine-title">
    <h2 id="refine-title">Refine</h2>
    <p class="quiet">Training fits what is learnt on top of a network that stays as it is. Refining tunes the network itself on your
      photos. It takes a minute or several, goes on in the background, and is kept only where it proves better on photos it had not seen.
      It then stands beside the others, for you to compare and publish.</p>
    ${isGoingOn(job) ? progress(job, project, attempt) : html`<div aria-live="polite">${outcome(job, "")}</div>
      ${project.may("train") ? html`<button class="button" @click=${() => start(project, attempt)}>Refine in the background</button>` : nothing}`}
  </section>`;
}

/** On a version’s own page: what may help where its figures say that something should. */
export function suggestion({ version, all }, project, attempt) {
  const job = lastRun(project);
  const isMine = version.number === project.version?.number;
  if (isMine && isGoingOn(job)) {
    return html`<aside class="suggestion" aria-label="Refining"><p>The network is being tuned on your photos. This version stays as it is.</p>
      ${progress(job, project, attempt)}</aside>`;
  }
  if (all.refining_may_help && project.may("train")) {
    return html`<aside class="suggestion" aria-label="A suggestion">
      <p><b>Could it be better?</b> More marked photos help most. With as many as there are, tuning the network itself may help too: it takes a
        minute or several in the background, changes nothing here, and is kept, beside this version, only where it proves better.</p>
      <button class="button" @click=${() => start(project, attempt)}>Refine in the background</button></aside>`;
  }
  const isNew = isMine && job && Date.parse(job.created_at) > Date.parse(version.created_at);
  return isNew ? html`<div aria-live="polite">${outcome(job, "../")}</div>` : nothing;
}

const lastRun = (project) => project.summary?.jobs.find((one) => one.kind === "refine");
const isGoingOn = (job) => IS_GOING_ON.has(job?.state);
const start = (project, attempt) => attempt(() => project.api.refine().then(() => project.refresh()));

function progress(job, project, attempt) {
  const share = job.total > 1 ? job.done / job.total : 0;
  return html`<div class="refining">
    <span role="status">${job.state === "queued" ? "Waiting…" : html`Refining… ${left(job, share)}`}</span>
    <progress max="1" .value=${share} aria-label="Refining">${percent(share)}</progress>
    <button class="button small" @click=${() => attempt(() => project.api.stopRefining().then(() => project.refresh()))}>Cancel</button></div>`;
}

/** Steps are long: between two of them, what is left runs down. */
function left(job, share) {
  if (share < TELLS_FROM || !job.started_at) return nothing;
  if (step.job !== job.id || step.done !== job.done) step = { job: job.id, done: job.done, at: Date.now() };
  const took = (step.at - Date.parse(job.started_at)) / 1000;
  const seconds = (took * (1 - share)) / share - (Date.now() - step.at) / 1000;
  return html`<span class="quiet">about ${duration(Math.max(5, 5 * Math.round(seconds / 5)))} left</span>`;
}

function outcome(job, versions) {
  if (!job) return nothing;
  const { version, accuracy_before: before, accuracy_after: after } = job.result;
  if (job.state === "failed") return html`<p class="message">${job.error.message}</p>`;
  if (job.state === "cancelled") return html`<p class="message">Cancelled: nothing was changed.</p>`;
  const measured = html`On photos it had not seen: ${percent(before)} right before, ${percent(after)} after.`;
  return version ? html`<p class="message"><span>${measured} So it is kept, as <a href=${`${versions}${version}/`}>version ${version}</a>.</span></p>`
    : html`<p class="message">${measured} That is no better, so nothing was changed.</p>`;
}
