/** What photos of one concept were taken for. A cell opens its pictures. */
import { html, nothing, render, styles } from "../dom.js";
import { plural } from "../words.js";
import { Thumbnails } from "./thumbnails.js";

export function confusion({ all, version }, project) {
  const names = version.concepts.map((concept) => concept.name);
  if (names.length < 2 || !all.confusion.length) return nothing;
  const cells = new Map(all.confusion.map((cell) => [`${cell.true}\n${cell.found ?? ""}`, cell]));
  const totals = new Map(names.map((name) => [name, all.confusion.filter((cell) => cell.true === name).reduce((sum, cell) => sum + cell.count, 0)]));
  const found = [...names, null];
  return html`<section class="block" aria-labelledby="confusion-title">
    <h2 id="confusion-title">What was taken for what</h2>
    <p class="quiet">Of photos that show one concept: what is true is on the left, what the version said is above.</p>
    <div class="scrolls" role="region" aria-label="Confusion matrix" tabindex="0"><table class="confusion">
      <thead><tr><td></td>${found.map((name) => html`<th scope="col">${name ?? "none"}</th>`)}</tr></thead>
      <tbody>${names.map((name) => html`<tr><th scope="row">${name}</th>
        ${found.map((said) => cellOf(cells.get(`${name}\n${said ?? ""}`), totals.get(name), project, name === said))}</tr>`)}</tbody>
    </table></div>
  </section>`;
}

function cellOf(cell, total, project, isRight) {
  if (!cell) return html`<td></td>`;
  const title = `${cell.true} ${isRight ? "found" : `taken for ${cell.found ?? "none of these"}`}`;
  return html`<td class=${isRight ? "right" : "wrong"} ${styles({ "--share": `${Math.round((100 * cell.count) / total)}%` })}>
    <button aria-label=${`${title}: ${plural(cell.count, "photo")}`} @click=${() => open(title, cell, project)}>${cell.count}</button></td>`;
}

/** Show a cell’s pictures over the page. */
function open(title, cell, project) {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog wide";
  dialog.setAttribute("aria-labelledby", "cell-title");
  const draw = () => render(html`<form method="dialog">
    <h2 id="cell-title">${title} <span class="quiet">${cell.count}</span></h2>
    <ul class="mistakes">${cell.images.map((id) => {
      const picture = thumbnails.get(id);
      return html`<li>${picture ? html`<a href=${picture.image_url} target="_blank"><img src=${picture.thumbnail_url ?? ""} alt=${picture.filename} loading="lazy" /></a>` : html`<span class="gone"></span>`}</li>`;
    })}</ul>
    <p class="actions"><button>Close</button></p></form>`, dialog);
  const thumbnails = new Thumbnails(project.api, draw);
  thumbnails.want(cell.images);
  draw();
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
