/** What taking a data set in would do, and what it did. */
import { html, nothing, repeat } from "../dom.js";
import { plural } from "../words.js";

/** @param {{projects: object[], error?: string, start: Function, cancel: Function}} page */
export function report({ filename, report: would }, { projects, error, start, cancel }) {
  return html`<section class="would" aria-labelledby="would-title">
    <h2 id="would-title">${filename}</h2>
    <p class="quiet">It is ${would.title}. Nothing has been taken in yet.</p>
    ${facts([
      [would.pictures, "photo"],
      [would.labels, "mark"],
      [would.concepts.length, "concept"],
      [would.versions, "version"],
    ])}
    <ul class="found" aria-label="Concepts" tabindex="0">${repeat(would.concepts, ({ name }) => name, concept)}</ul>
    ${would.twice ? html`<p>${plural(would.twice, "photo is", "photos are")} in it twice and will be kept once.</p>` : nothing}
    ${would.unlabelled ? html`<p>${plural(would.unlabelled, "photo comes", "photos come")} without a mark; that can be done here.</p>` : nothing}
    ${problems(would, "can’t be used")}
    ${error ? html`<p class="message error" role="alert">${error}</p>` : nothing}
    <form class="where" @submit=${(event) => submit(event, start)}>
      ${would.format === "pupil" || !projects.length ? nothing : html`<label class="field">Into
        <select name="project" @change=${(event) => { event.target.form.elements.name.closest("label").hidden = Boolean(event.target.value); }}>
          <option value="">A new project</option>
          ${projects.map(({ id, name }) => html`<option value=${id}>${name}</option>`)}
        </select></label>`}
      <label class="field">Name of the new project<input name="name" maxlength="200" autocomplete="off" .value=${would.name || filename.replace(/\.[^.]*$/, "")} /></label>
      <button type="button" class="button" @click=${cancel}>Cancel</button>
      <button class="primary">Import ${plural(would.pictures, "photo")}</button>
    </form>
  </section>`;
}

function submit(event, start) {
  event.preventDefault();
  const { project, name } = event.target.elements;
  start(project?.value ? { project: Number(project.value) } : { name: name.value.trim() });
}

/** @param {{project: number, again: () => void}} page */
export function result(job, { project, again }) {
  if (job.state !== "succeeded") {
    return html`<p class="message error" role="alert">${job.error?.message ?? "It was stopped."}</p>
      <p><button class="button" @click=${again}>Choose another file</button></p>`;
  }
  const { added, already, labels, versions } = job.result;
  return html`<section class="would" role="status">
    <h2>${added ? `${plural(added, "photo")} taken in` : "Nothing new"}</h2>
    ${facts([[labels, "mark"], [versions, "version"]])}
    ${already ? html`<p>${plural(already, "picture was", "pictures were")} here already.</p>` : nothing}
    ${problems(job.result, "could not be used")}
    <p class="where"><a class="primary button" href=${`/projects/${project}/`}>Open the project</a>
      <button class="button" @click=${again}>Import more</button></p>
  </section>`;
}

function facts(counts) {
  const told = counts.filter(([count]) => count);
  return html`<ul class="facts">${told.map(([count, one]) => html`<li><b>${count.toLocaleString("en")}</b> ${plural(count, one).split(" ").slice(1).join(" ")}</li>`)}</ul>`;
}

function concept({ name, positives, negatives }) {
  const counts = positives == null ? nothing : html` <span class="quiet">✓ ${positives}${negatives ? ` ✕ ${negatives}` : ""}</span>`;
  return html`<li>${name}${counts}</li>`;
}

function problems({ problems: told, problem_count: count }, what) {
  if (!count) return nothing;
  return html`<details ?open=${count <= 10}><summary>${plural(count, "item")} ${what}</summary>
    <ul class="wrong">${told.map(({ item, message }) => html`<li><b>${item}</b> ${message}</li>`)}
      ${count > told.length ? html`<li>and ${(count - told.length).toLocaleString("en")} more</li>` : nothing}</ul></details>`;
}
