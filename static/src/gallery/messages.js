/** What stands above or instead of the pictures: the next step, what failed, what is new. */
import { ImagePlus, MousePointerClick, RefreshCw } from "lucide";
import { isFiltered, withoutFilters } from "../address.js";
import { html, icon, nothing, render } from "../dom.js";
import { plural } from "../words.js";

/**
 * @param {HTMLElement} element
 * @param {object} page project, pictures, uploader, view, change, showFromTop, removeAll, addFiles
 */
export function messages(element, page) {
  const draw = () => render(template(page), element);
  for (const source of [page.project, page.pictures, page.uploader]) source.addEventListener("change", draw);
  draw();
  return draw;
}

function template(page) {
  const { pictures, project } = page;
  return html`
    ${pictures.error && pictures.error.code !== "bad_query" ? html`<p class="message error" role="alert">${pictures.error.message}
      <button class="link" @click=${() => pictures.show(page.view())}>Try again</button></p>` : nothing}
    ${pictures.isByWordsOnly ? html`<p class="message" role="status">What looks at photos does not answer just now: these were found by names, notes and tags alone.
      <button class="link" @click=${() => pictures.show(page.view())}>Try again</button></p>` : nothing}
    ${failures(page)}
    ${hint(page)}
    ${pictures.difference ? html`<div class="fresh-place"><button class="fresh" @click=${page.showFromTop}>
      ${icon(RefreshCw)}${pictures.difference === "new" ? "There are new photos. Show them" : "This list has changed. Show it"}</button></div>` : nothing}
    ${pictures.isKnown && !pictures.items.length && !pictures.error && project.summary ? empty(page) : nothing}`;
}

/** Until the first mark is there: how one is made. */
function hint({ project, pictures, view }) {
  if (!pictures.items.length || !project.summary) return nothing;
  if (!project.may("label") || project.concepts.some((concept) => concept.positives || concept.negatives)) return nothing;
  const name = view().concept || project.concepts[0]?.name;
  if (!name && !project.may("edit")) return nothing; // the first concept is somebody else's to make
  return html`<p class="message hint-mark">${icon(MousePointerClick)}<span>${name
    ? html`<b>Click a few photos of ${name}</b>, then press <kbd>1</kbd> or drag them onto it. With <kbd>Shift</kbd>, they are <em>not</em> ${name}.`
    : html`<b>Click a few photos of one thing</b>, then press <kbd>C</kbd> and type what it is.`}
    Press <kbd>?</kbd> for all keys.</span></p>`;
}

function failures({ project, view, change, pictures, removeAll }) {
  const { failed } = project.counts;
  if (!failed) return nothing;
  if (view().status === "failed") return failuresShown(project, pictures, removeAll);
  return html`<p class="message">${plural(failed, "photo")} could not be read.
    <button class="link" @click=${() => change({ ...withoutFilters(view()), status: "failed" })}>See why</button></p>`;
}

/** Until their list has come, what is shown is of another view. */
function failuresShown(project, pictures, removeAll) {
  const items = pictures.isLoading ? [] : pictures.items.filter((item) => item.status === "failed");
  if (!items.length) return nothing;
  const remove = (event) => { if (event.detail < 2) removeAll(items); }; // a double-click meant “See why”
  return html`<p class="message">These files could not be read.
    ${project.may("edit") ? html`<button class="link" @click=${remove}>Delete ${items.length === 1 ? "it" : "them"}</button>` : nothing}</p>`;
}

function empty({ project, view, change, uploader, addFiles }) {
  if (uploader.isBusy) return nothing;
  if (isFiltered(view()) || project.counts.total) {
    return html`<div class="empty"><h2>No photo is like that</h2>
      <p>${unpredicted(project, view()) ?? "Nothing matches what you asked for."}</p>
      <button class="button" @click=${() => change({ ...withoutFilters(view()), sort: "newest" })}>Show all photos</button></div>`;
  }
  if (!project.may("edit")) return html`<div class="empty"><h2>No photos yet</h2></div>`;
  return html`<div class="empty first">
    <h2>Drag photos here</h2>
    <p>A folder works too. Twenty photos are plenty to begin with.</p>
    <button class="primary" @click=${addFiles}>${icon(ImagePlus)}Choose photos</button>
    <ol class="steps">
      <li><b>Add</b> photos of the thing, and some without it.</li>
      <li><b>Mark</b> a few: this is Rex, this is not Rex.</li>
      <li><b>Train</b>, once. Every photo then shows how likely it is Rex.</li>
    </ol>
  </div>`;
}

function unpredicted(project, view) {
  if (!view.concept || project.concept(view.concept)?.threshold != null) return null;
  return `Pupil does not know “${view.concept}” yet. Mark a few photos of it and train.`;
}
