/** The photos whose marks would teach most. */
import { html, repeat } from "../dom.js";
import { List } from "./list.js";

/** @param {HTMLElement} element @param {object} project */
export function next(element, project) {
  return new List(element, project, { ask: () => project.api.teachMost(), template });
}

function template(items) {
  if (!items.length) return html`<p class="quiet">Every photo is marked.</p>`;
  const ids = items.map((item) => item.id).join(",");
  return html`<p class="strip">${repeat(items, (item) => item.id, (item) => html`<a href="../?photo=${item.id}"><img src=${item.thumbnail_url ?? ""} alt=${item.filename} /></a>`)}</p>
    <p><a class="button" href="../?q=${encodeURIComponent(`id:${ids}`)}">${items.length === 1 ? "Mark it" : `Mark these ${items.length}`}</a></p>`;
}
