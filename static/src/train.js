/** The Train button and what came of it, in plain words. */
import { CircleHelp, TriangleAlert } from "lucide";
import { html, icon, nothing, render } from "./dom.js";
import { between, details, share, unsaidOf, verdict } from "./evaluation.js";
import { notify } from "./notice.js";

/** @param {import("./project.js").Project} project */
export function trainPanel(element, project) {
  let isAsking = false;
  const draw = () => render(panel(project, isAsking, train), element);
  project.addEventListener("change", draw);
  draw();

  async function train() {
    if (isAsking) return;
    isAsking = true;
    draw();
    try {
      await project.settled(); // marks on their way are meant to be learnt too
      const answer = await project.api.train();
      await project.refresh();
      if (answer?.number) {
        project.dispatchEvent(new CustomEvent("trained", { detail: answer }));
      }
    } catch (error) {
      notify(error.message, { isError: true });
    }
    isAsking = false;
    draw();
  }
}

function panel(project, isAsking, train) {
  const isBusy = isAsking || Boolean(project.teaching);
  return html`
    <div class="result" aria-live="polite">${result(project, isBusy)}</div>
    ${project.may("train") ? html`<button class="primary train" ?disabled=${isBusy || Boolean(obstacle(project))}
      title=${obstacle(project) ?? "Learn from everything you marked"} @click=${train}>
      ${isBusy ? html`<i class="spinner"></i>Training…` : "Train"}
    </button>` : nothing}`;
}

/** Why there is nothing to train, or nothing. */
function obstacle(project) {
  if (!project.summary) return "One moment";
  if (project.concepts.some((concept) => concept.positives > 0)) return null;
  return "Mark a few photos first, so that there is something to learn";
}

function result(project, isBusy) {
  if (isBusy) return html`<span class="quiet">Learning from what you marked…</span><i class="progress-line"></i>`;
  const { version } = project;
  if (!project.summary) return nothing;
  if (!version) return html`<span class="quiet">${firstStep(project)}</span>`;
  const { draft } = project.summary;
  const unsaid = unsaidOf(version.evaluation);
  return html`<span class="verdict">
      <a class="only-wide version-link" href=${`/projects/${project.id}/versions/${version.number}/`} title="Look closer at this version"><b>Version ${version.number}:</b></a>
      ${draft ? html`<span>${share(version.evaluation)}</span><span class="quiet" title=${draft.closer_look ? "Your marked photos were looked at more closely since. Train again to keep what came of it." : nothing}>· ${draft.closer_look ? "after a closer look" : "with your changes since"}, ${share(draft.evaluation)} ${between(draft.evaluation.accuracy)}</span>`
        : verdict(version.evaluation, { but: Boolean(unsaid) })}
    </span>
    ${unsaid ? warning(unsaid) : nothing}
    <button class="quiet-button" popovertarget="evaluation" aria-label="What these figures mean">${icon(CircleHelp)}</button>
    <div id="evaluation" popover class="popover">${details(version)}</div>`;
}

/** What the figure beside it leaves unsaid; where there is little room, a sign that leads to it. */
function warning(unsaid) {
  return html`<button class="caveat" popovertarget="evaluation" aria-label=${`But it ${unsaid}`} title=${`But it ${unsaid}`}>${icon(TriangleAlert)}<span>but it ${unsaid}</span></button>`;
}

function firstStep(project) {
  if (!project.counts.total) return "Add photos, mark a few, then train.";
  const isMarked = project.concepts.some((concept) => concept.positives > 0);
  return isMarked ? "Ready to train." : "Mark a few photos to begin.";
}
