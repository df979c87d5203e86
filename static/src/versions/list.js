/** The versions, newest first. */
import { Ellipsis } from "lucide";
import { html, icon, nothing, repeat } from "../dom.js";
import { isUntold, share } from "../evaluation.js";
import { duration, interval, moment, percent, plural } from "../words.js";

const STAGES = { live: "Live", preview: "Preview", draft: "" };

/** @param {object[]} versions @param {{project: object, ask: object, live: object | undefined, extras: Function[]}} page */
export function list(versions, page) {
  return html`<ol class="versions">${repeat(versions, (version) => version.number, (version) => row(version, page))}</ol>`;
}

function row(version, page) {
  const { live, project } = page;
  const mayTrain = project.may("train");
  const isLive = version.stage === "live";
  return html`<li class="version" aria-label=${`Version ${version.number}`}>
    <div class="who">
      <h3><a href=${`${version.number}/`}>Version ${version.number}</a>${version.name ? html` <span class="name">${version.name}</span>` : nothing}
        ${STAGES[version.stage] ? html`<span class=${`stage ${version.stage}`}>${STAGES[version.stage]}</span>` : nothing}
        ${version.refinement.from ? html`<span class="stage">Refined from ${version.refinement.from}</span>` : nothing}</h3>
      <p class="quiet">${moment(version.created_at)}${version.created_by ? ` · ${version.created_by}` : ""}
        · ${plural(version.evaluation.images, "example")} · learnt in ${duration(version.seconds)}</p>
      ${version.note ? html`<p class="note">${version.note}</p>` : nothing}
    </div>
    <p class="figure">${figure(version)}</p>
    <div class="doings">
      ${isLive || !mayTrain ? nothing : publish(version, page)}
      <button class="quiet-button" popovertarget=${`version-${version.number}`} aria-label=${`More about version ${version.number}`}>${icon(Ellipsis)}</button>
      <div id=${`version-${version.number}`} popover class="popover menu">
        <a href=${`${version.number}/`}>How good it is</a>
        ${live && !isLive ? html`<a href=${`compare/?a=${live.number}&b=${version.number}`}>Compare with the live one</a>` : nothing}
        ${mayTrain ? changes(version, page) : nothing}
      </div>
    </div>
  </li>`;
}

function changes(version, { ask, extras }) {
  return html`${version.stage === "draft" ? html`<button @click=${() => ask.preview(version)}>Preview</button>` : nothing}
        ${version.stage === "preview" ? html`<button @click=${() => ask.withdraw(version)}>End the preview</button>` : nothing}
        <button @click=${() => ask.rename(version)}>Name…</button>
        <button @click=${() => ask.note(version)}>Note…</button>
        ${extras.map((extra) => extra(version))}
        ${version.stage === "live" ? nothing : html`<button class="danger" @click=${() => ask.remove(version)}>Delete…</button>`}`;
}

/** Before anyone’s program gets other answers, its owner sees which. */
function publish(version, { live, ask }) {
  if (!live) return html`<button class="button small" @click=${() => ask.publish(version)}>Publish</button>`;
  return html`<a class="button small" href=${`compare/?a=${live.number}&b=${version.number}`}>Publish…</a>`;
}

function figure({ evaluation, refinement }) {
  const { accuracy } = evaluation;
  if (refinement.from) {
    return html`<b>${percent(refinement.accuracy_after)}</b> right
      <span class="quiet">${percent(refinement.accuracy_before)} before tuning, in the same test</span>`;
  }
  if (isUntold(accuracy)) return html`<span class="quiet">too little to judge</span>`;
  return html`<b>${share(evaluation)}</b> right
    <span class="quiet">${interval(accuracy)}</span>`;
}
