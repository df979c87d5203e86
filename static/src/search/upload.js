/** Photos like a photo that is not among them: it is looked at and not kept. */
import { html, nothing, render, repeat } from "../dom.js";

const SHOWN = 24;

/**
 * @param {File} file
 * @param {{project: object, showAll: (ids: number[]) => void}} page
 */
export async function searchByPicture(file, { project, showAll }) {
  const dialog = Object.assign(document.createElement("dialog"), { className: "dialog likes" });
  dialog.setAttribute("aria-label", "Photos like yours");
  const url = URL.createObjectURL(file);
  let items = null;
  let problem = "";

  function draw() {
    render(html`<h2>Photos like ${file.name}</h2>
      ${problem ? nothing : html`<img class="asked" src=${url} alt="The photo you search by" />`}
      ${problem ? html`<p class="bad" role="alert">${problem}</p>` : nothing}
      ${items || problem ? nothing : html`<p class="quiet" role="status">Looking…</p>`}
      ${items?.length === 0 ? html`<p>There are no photos yet.</p>` : nothing}
      ${items ? html`<p class="strip">${repeat(items, (item) => item.id, (item) => html`<a href="?photo=${item.id}">
        <img src=${item.thumbnail_url ?? ""} alt=${item.filename} /></a>`)}</p>` : nothing}
      <p class="actions">
        <button class="button" @click=${() => dialog.close()}>Close</button>
        ${items?.length ? html`<button class="primary" @click=${() => { dialog.close(); showAll(items.map((item) => item.id)); }}>Show them in the gallery</button>` : nothing}
      </p>`, dialog);
  }

  dialog.addEventListener("close", () => {
    URL.revokeObjectURL(url);
    dialog.remove();
  });
  draw();
  document.body.append(dialog);
  dialog.showModal();
  try {
    ({ items } = await project.api.searchByFile(file, SHOWN));
  } catch (error) {
    problem = error.message;
  }
  draw();
}
