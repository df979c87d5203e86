/** One picture, large, with what the last version says of it. */
import { ChevronLeft, ChevronRight, X } from "lucide";
import { bars } from "./bars.js";
import { html, icon, nothing, render, styles } from "./dom.js";
import { size, why } from "./words.js";

/**
 * @param {{pictures: object, project: object, selection: object,
 *   label: (ids: number[], concept: string, value: string | null) => void}} page
 */
export function viewer({ pictures, project, selection, label }) {
  const dialog = document.createElement("dialog");
  dialog.className = "viewer";
  dialog.setAttribute("aria-label", "Picture");
  document.body.append(dialog);
  let index = 0;

  const draw = () => {
    const item = pictures.items[index];
    if (dialog.open && item) render(template(item), dialog);
  };
  const go = (step) => {
    index = Math.max(0, Math.min(index + step, pictures.items.length - 1));
    selection.moveTo(index);
    if (index > pictures.items.length - 10) pictures.more();
    draw();
  };

  pictures.addEventListener("change", draw);
  project.addEventListener("change", draw);
  dialog.addEventListener("close", () => render(nothing, dialog));
  dialog.addEventListener("keydown", (event) => {
    const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
    const concept = digit && project.concepts[Number(digit) - 1];
    if (event.key === "ArrowLeft") go(-1);
    else if (event.key === "ArrowRight") go(1);
    else if (concept) say(concept.name, event.shiftKey ? "negative" : "positive");
    else return;
    event.preventDefault();
  });

  function say(concept, value) {
    const item = pictures.items[index];
    if (!item.id) return;
    const known = (item.labels ?? []).find((one) => one.concept === concept)?.value;
    label([item.id], concept, known === value ? null : value);
  }

  function template(item) {
    return html`
      <div class="stage">
        ${item.status === "failed" ? html`<p>${why(item)}</p>`
          : html`<img src=${item.image_url ?? item.upload?.objectUrl ?? ""} alt=${item.filename} />`}
        <button class="side left" aria-label="Previous" ?disabled=${index === 0} @click=${() => go(-1)}>${icon(ChevronLeft)}</button>
        <button class="side right" aria-label="Next" ?disabled=${index >= pictures.items.length - 1} @click=${() => go(1)}>${icon(ChevronRight)}</button>
      </div>
      <aside>
        <header><h2>${item.filename}</h2>
          <button class="quiet-button" aria-label="Close" @click=${() => dialog.close()}>${icon(X)}</button></header>
        <p class="quiet">${facts(item)}</p>
        <h3>What Pupil says</h3>
        ${item.predictions?.length ? bars(item.predictions, project) : html`<p class="quiet">Nothing yet: mark some pictures and train.</p>`}
        <h3>What you say</h3>
        <ul class="sayings">${project.concepts.map((concept) => saying(item, concept))}</ul>
      </aside>`;
  }

  function saying(item, concept) {
    const value = (item.labels ?? []).find((one) => one.concept === concept.name)?.value;
    const button = (what, text) => html`<button class="button small" aria-pressed=${value === what}
      @click=${() => say(concept.name, what)}>${text}</button>`;
    return html`<li ${styles({ "--concept": concept.colour })}>
      <i class="dot"></i><span class="name">${concept.name}</span>
      ${button("positive", "Yes")}${button("negative", "No")}</li>`;
  }

  return {
    open(at) {
      const item = pictures.items[at];
      if (!item?.image_url) return;
      index = at;
      dialog.showModal();
      draw();
    },
  };
}

function facts(item) {
  const parts = [`${item.width} × ${item.height}`];
  if (item.byte_size) parts.push(size(item.byte_size));
  if (item.created_at) parts.push(`added ${new Date(item.created_at).toLocaleString()}`);
  return parts.join(" · ");
}
