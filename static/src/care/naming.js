/** Photos without marks that look alike: name them, and all are marked at once. */
import { html, nothing, repeat } from "../dom.js";
import { notify } from "../notice.js";
import { plural } from "../words.js";
import { List } from "./list.js";

/** @param {HTMLElement} element @param {object} project */
export function naming(element, project) {
  /** Ids of photos that were clicked out: the groups may come anew. */
  const out = new Set();
  const mayMake = project.may("edit"); // else the concepts that are there are all there is to choose from
  const list = new List(element, project, {
    ask: () => project.api.clusters(),
    template,
    waiting: html`<p class="quiet" role="status">Looking for photos that are alike…</p>`,
  });
  return list;

  function template(items) {
    if (!items.length) return html`<p class="quiet">No unmarked photos look alike.</p>`;
    return html`<ul class="clusters">${repeat(items, (one) => one.ids[0], cluster)}</ul>
      ${mayMake ? html`<datalist id="names">${names()}</datalist>` : nothing}`;
  }

  function names() {
    return repeat(project.concepts, ({ id }) => id, ({ name }) => html`<option value=${name}>${name}</option>`);
  }

  function cluster(one) {
    return html`<li>
      <p>These ${plural(one.size, "photo")} look alike.</p>
      <p class="strip">${one.images.map((image) => html`<button type="button" aria-pressed=${!out.has(image.id)}
        aria-label="${image.filename} is one of them" @click=${() => toggle(image.id)}><img src=${image.thumbnail_url ?? ""} alt="" /></button>`)}</p>
      ${project.may("label") && (mayMake || project.concepts.length) ? html`<form class="ways" @submit=${(event) => name(event, one)}>
        ${field(`Name for these ${one.size} photos`)}
        <button class="button small">Mark all</button></form>` : nothing}
    </li>`;
  }

  function field(label) {
    return mayMake
      ? html`<input name="name" list="names" required maxlength="100" autocomplete="off" placeholder="What are they?" aria-label=${label} />`
      : html`<select name="name" required aria-label=${label}><option value="">What are they?</option>${names()}</select>`;
  }

  function toggle(id) {
    if (!out.delete(id)) out.add(id);
    list.draw();
  }

  function name(event, one) {
    event.preventDefault();
    const concept = event.target.elements.name.value.trim();
    if (!concept) return;
    const ids = one.ids.filter((id) => !out.has(id));
    list.settle(one, async () => {
      await project.api.setLabels(ids.map((image) => ({ image, concept, value: "positive" })));
      for (const id of one.ids) out.delete(id); // those left may be like others
      notify(`Marked ${plural(ids.length, "photo")} ${concept}.`);
      project.refreshSoon();
    });
  }
}
