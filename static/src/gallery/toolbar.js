/** What the gallery shows, in which order, how large. */
import { FolderUp, ImagePlus, ListFilter, X } from "lucide";
import { consistent, isFiltered, withoutFilters } from "../address.js";
import { html, icon, live, nothing, render, styles } from "../dom.js";
import { percent, plural } from "../words.js";

const SMALLEST = 90;
const LARGEST = 420;

const SORTS = [
  ["newest", "Newest first"],
  ["oldest", "Oldest first"],
];
const SORTS_BY_CONCEPT = [
  ["-probability", "Most likely first"],
  ["probability", "Least likely first"],
  ["uncertain", "Least certain first"],
];

/**
 * @param {HTMLElement} element
 * @param {{project: object, pictures: object, grid: object, view: () => import("../address.js").View,
 *   change: (view: object, options?: object) => void, addFiles: () => void, addFolder: () => void}} page
 */
export function toolbar(element, page) {
  const draw = () => render(template(page), element);
  page.pictures.addEventListener("change", draw);
  page.project.addEventListener("change", draw);
  draw();
  return draw;
}

function template(page) {
  const view = page.view();
  const isLearnt = page.project.concept(view.concept)?.threshold != null;
  const set = (change, options) => page.change(consistent({ ...view, ...change }), options);
  return html`
    ${page.project.may("edit") ? html`<div class="group">
      <button class="button" @click=${page.addFiles}>${icon(ImagePlus)}<span class="text">Add photos</span></button>
      <button class="quiet-button only-wide" aria-label="Add a folder" title="Add a folder" @click=${page.addFolder}>${icon(FolderUp)}</button>
    </div>` : nothing}
    <div class="group filters" @change=${release}>
      <label class="pick"><span class="sr-only">Order</span>
        <select .value=${live(view.sort)} @change=${(event) => set({ sort: event.target.value })}>
          ${[...(view.q ? [["newest", "Best match first"]] : SORTS), ...(isLearnt ? SORTS_BY_CONCEPT : [])].map(([value, text]) => option(value, text, view.sort))}
        </select></label>
      <button class="button filter-button" popovertarget="filter">${icon(ListFilter)}<span class="text">Filter</span>${
        countOf(view) ? html`<b class="badge-count">${countOf(view)}</b>` : nothing}</button>
      <div id="filter" popover class="popover filter" role="group" aria-label="Filter">
        <label class="field">Marked
          <select .value=${live(view.label)} @change=${(event) => set({ label: event.target.value })}>
            ${labelChoices(view.concept).map(([value, text]) => option(value, text, view.label))}
          </select></label>
        ${isLearnt ? range(view, set) : html`<p class="hint">Choose a concept that was learnt, and you can filter by
          how likely it is.</p>`}
        <label class="check"><input type="checkbox" .checked=${live(Boolean(view.fold))} @change=${(event) => set({ fold: event.target.checked ? "1" : "" })} /> One of each burst</label>
      </div>
      ${isFiltered(view) ? html`<button class="link" @click=${() => page.change(withoutFilters(view))}>${icon(X)}Show all</button>` : nothing}
    </div>
    <span class="tally" aria-live="polite">${tally(page)}</span>
    <label class="zoom"><span class="sr-only">Size of the photos</span>
      <input type="range" min=${SMALLEST} max=${LARGEST} step="10" .value=${String(page.grid.rowHeight)}
        @input=${(event) => { page.grid.rowHeight = Number(event.target.value); }} /></label>`;
}

/** How many filters are set. */
function countOf(view) {
  return Number(Boolean(view.label)) + Number(Boolean(view.status)) + Number(view.min > 0 || view.max < 100);
}

function tally({ pictures, project }) {
  if (!pictures.isKnown || !pictures.total) return ""; // none, or not counted yet
  const { pending } = project.counts;
  return plural(pictures.total, "photo") + (pending ? ` · reading ${pending.toLocaleString("en")}` : "");
}

/** The keys belong to the gallery again once something was picked from a list, but not with keys. */
function release(event) {
  if (event.target.matches("select:not(:focus-visible)")) event.target.blur();
}

function option(value, text, chosen) {
  return html`<option value=${value} ?selected=${value === chosen}>${text}</option>`;
}

function labelChoices(concept) {
  if (!concept) return [["", "All photos"], ["none", "Nothing marked yet"]];
  return [
    ["", "Marked or not"],
    ["positive", `Marked ${concept}`],
    ["negative", `Marked not ${concept}`],
    ["none", `Not marked for ${concept}`],
  ];
}

/** Two handles on one line: from how likely to how likely. */
function range(view, set) {
  const handle = (name, label) => html`<input type="range" min="0" max="100" step="1" aria-label=${label}
    aria-valuetext=${percent(view[name] / 100)} .value=${live(String(view[name]))}
    @input=${(event) => set(bounds(view, name, Number(event.target.value)), { replace: true })} />`;
  return html`<p class="range-name">How likely ${view.concept}</p>
  <div class="range" ${styles({ "--from": `${view.min}%`, "--to": `${view.max}%` })}>
    <span class="track"></span>
    ${handle("min", `Least probability of ${view.concept}`)}
    ${handle("max", `Greatest probability of ${view.concept}`)}
    <output>${view.min || view.max < 100 ? `${view.min}–${view.max} %` : "any %"}</output>
  </div>`;
}

/** The handles push each other rather than cross. */
function bounds(view, name, value) {
  return name === "min"
    ? { min: value, max: Math.max(value, view.max) }
    : { min: Math.min(value, view.min), max: value };
}
