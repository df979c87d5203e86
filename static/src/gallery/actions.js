/** What can be done with the chosen photos, in a bar that floats over the gallery. */
import { Trash2, X } from "lucide";
import { html, icon, nothing, render, styles } from "../dom.js";
import { plural } from "../words.js";

/**
 * @param {HTMLElement} element
 * @param {{selection: object, pictures: object, project: object, view: () => {concept: string}, actions: object}} page
 */
export function actionBar(element, page) {
  const draw = () => render(page.selection.keys.size ? template(page) : nothing, element);
  page.selection.addEventListener("change", draw);
  page.project.addEventListener("change", draw);
  page.pictures.addEventListener("change", draw); // how many there are may be known later
  return draw;
}

function template({ selection, pictures, project, view, actions }) {
  const index = project.concepts.findIndex((concept) => concept.name === view().concept);
  const count = selection.keys.size;
  return html`<div class="action-bar" role="toolbar" aria-label="Chosen photos">
    <span class="count">${plural(count, "photo")} <span class="only-wide">chosen</span></span>
    ${count < pictures.total ? html`<button class="link only-wide" title="Choose all that are shown (A)"
      @click=${() => selection.all()}>All ${pictures.total.toLocaleString("en")}</button>` : nothing}
    ${project.may("label") ? html`<span class="mark-buttons">
      ${index >= 0 ? verdicts(project.concepts[index], index, actions) : nothing}
      <button class="button" @click=${actions.palette}>${index >= 0 ? "Other…" : "Mark as…"} <kbd>c</kbd></button>
      ${index >= 0 ? html`<button class="button only-wide" @click=${() => actions.label(index, null)}>No mark</button>` : nothing}
    </span>` : nothing}
    ${project.may("edit") ? html`<button class="quiet-button" aria-label="Delete" title="Delete" @click=${actions.remove}>${icon(Trash2)}</button>` : nothing}
    <button class="quiet-button" aria-label="Choose none" title="Choose none (Esc)" @click=${() => selection.clear()}>${icon(X)}</button>
  </div>`;
}

function verdicts(concept, index, actions) {
  const key = index < 9 ? index + 1 : null;
  return html`
    <button class="button verdict-button" ${styles({ "--concept": concept.colour })} @click=${() => actions.label(index, "positive")}>
      <i class="dot"></i><span class="name">${concept.name}</span>${key ? html`<kbd>${key}</kbd>` : nothing}</button>
    <button class="button verdict-button not" ${styles({ "--concept": concept.colour })} @click=${() => actions.label(index, "negative")}>
      <i class="dot"></i><span class="name">not ${concept.name}</span>${key ? html`<kbd>⇧${key}</kbd>` : nothing}</button>`;
}
