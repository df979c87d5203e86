/** What a version is: who made it of what, when, and what its stage is. */
import { html, nothing } from "../dom.js";
import { duration, interval, moment, percent, plural } from "../words.js";

const STAGES = { live: "Live", preview: "Preview", draft: "" };

export function facts(version, counts) {
  const { refinement } = version;
  return html`
    ${heading(version)}
    <p class="quiet">Made ${moment(version.created_at)}${version.created_by ? ` by ${version.created_by}` : ""} in ${duration(version.seconds)},
      from ${plural(version.evaluation.images, "photo")}. <a href=${`/api/v1${apiPath(version)}`} download=${`labels-of-version-${version.number}.json`}>The exact marks it learnt from</a>.
      <span class="fingerprint">Backbone <code>${version.fingerprint}</code></span></p>
    ${version.note ? html`<p class="note">${version.note}</p>` : nothing}
    ${refinement.from ? html`<p class="message">Here the network itself was tuned, starting from version ${refinement.from}. Measured
      on photos it was not tuned on, it went from ${percent(refinement.accuracy_before)} to ${percent(refinement.accuracy_after)} right.
      ${!counts || counts.test ? nothing : "To know more, keep some marked photos for testing, and refine again."}</p>` : nothing}`;
}

/** @param {{number: number, name?: string, stage?: string}} version as much of it as is known */
export function heading({ number, name, stage }) {
  return html`<header class="heading">
      <h2><a href="../">Versions</a> <span class="quiet">/</span> Version ${number} ${name ? html`<span class="name">${name}</span>` : nothing}
        ${STAGES[stage] ? html`<span class=${`stage ${stage}`}>${STAGES[stage]}</span>` : nothing}</h2>
      <a class="button small" href=${`../compare/?b=${number}`}>Compare</a>
    </header>`;
}

function apiPath(version) {
  return `/projects/${document.body.dataset.project}/versions/${version.number}/labels`;
}
