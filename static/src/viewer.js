/** One picture, large: what Pupil says of it, what people say, and which ones are like it. */
import { ChevronLeft, ChevronRight, X } from "lucide";
import { bars } from "./bars.js";
import { debounced, html, icon, nothing, render, repeat, styles } from "./dom.js";
import { testMark } from "./testing.js";
import { reasons } from "./why.js";
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
  let item = null;
  let similar = [];

  const draw = () => {
    if (dialog.open && item) render(template(), dialog);
  };
  const becauseOf = reasons(project, draw);
  const mark = testMark(project, draw);
  const findSimilar = debounced(async () => {
    const asked = item;
    const found = await project.api.similarTo(asked.id).catch(() => ({ items: [] }));
    if (asked !== item) return;
    similar = found.items.map((record) => pictures.byId(record.id) ?? record);
    draw();
  }, 120);

  function show(next) {
    item = next;
    similar = [];
    draw();
    if (item.id && item.status === "ready") findSimilar();
  }

  /** Go along the gallery; from a similar picture, back to where one came from. */
  function go(step) {
    const at = pictures.items.indexOf(item);
    const index = Math.max(0, Math.min((at < 0 ? selection.cursor : at) + step, pictures.items.length - 1));
    selection.moveTo(index);
    if (index > pictures.items.length - 10) pictures.more();
    show(pictures.items[index]);
  }

  pictures.addEventListener("change", draw);
  project.addEventListener("change", draw);
  dialog.addEventListener("close", () => {
    item = null;
    render(nothing, dialog);
  });
  dialog.addEventListener("keydown", (event) => {
    const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
    const concept = digit && project.concepts[Number(digit) - 1];
    if (event.key === "ArrowLeft") go(-1);
    else if (event.key === "ArrowRight") go(1);
    else if (concept) set(concept.name, event.shiftKey ? "negative" : "positive");
    else return;
    event.preventDefault();
  });

  const toggle = (concept, what) => set(concept, valueOf(item, concept) === what ? null : what);

  function set(concept, value) {
    if (!item.id) return;
    label([item.id], concept, value);
    if (pictures.byId(item.id)) return;
    const others = item.labels.filter((one) => one.concept !== concept); // it is not in the gallery now
    item.labels = value ? [...others, { concept, value }] : others;
    draw();
  }

  function template() {
    const at = pictures.items.indexOf(item);
    return html`
      <div class="stage">
        ${item.status === "failed" ? html`<p>${why(item)}</p>`
          : html`<img src=${item.image_url ?? item.upload?.objectUrl ?? ""} alt=${item.filename} />`}
        <button class="side left" aria-label="Previous" ?disabled=${at === 0} @click=${() => go(-1)}>${icon(ChevronLeft)}</button>
        <button class="side right" aria-label="Next" ?disabled=${at === pictures.items.length - 1} @click=${() => go(1)}>${icon(ChevronRight)}</button>
      </div>
      <aside>
        <header><h2>${item.filename}</h2>
          <button class="quiet-button" aria-label="Close" @click=${() => dialog.close()}>${icon(X)}</button></header>
        <p class="quiet">${facts(item)}</p>
        <h3>What Pupil says</h3>
        ${item.predictions?.length ? bars(item.predictions, project) : html`<p class="quiet">Nothing yet: mark some pictures and train.</p>`}
        ${becauseOf(item)}
        ${project.concepts.length ? html`<h3>What you say</h3>
          <ul class="sayings">${project.concepts.map(saying)}</ul>${mark(item)}` : nothing}
        ${similar.length ? html`<h3>Similar photos</h3>
          <ul class="similar">${repeat(similar, (one) => one.id, (one) => html`<li>
            <button aria-label=${one.filename} @click=${() => show(one)}><img src=${one.thumbnail_url ?? ""} alt="" /></button></li>`)}</ul>` : nothing}
      </aside>`;
  }

  function saying(concept) {
    const value = valueOf(item, concept.name);
    const button = (what, text) => html`<button class="button small" aria-pressed=${value === what}
      @click=${() => toggle(concept.name, what)}>${text}</button>`;
    return html`<li ${styles({ "--concept": concept.colour })}>
      <i class="dot"></i><span class="name">${concept.name}</span>
      ${button("positive", "Yes")}${button("negative", "No")}</li>`;
  }

  return {
    open(at) {
      if (!pictures.items[at]?.image_url) return;
      dialog.showModal();
      show(pictures.items[at]);
    },
  };
}

function valueOf(item, concept) {
  return (item.labels ?? []).find((one) => one.concept === concept)?.value;
}

function facts(item) {
  const parts = [`${item.width} × ${item.height}`];
  if (item.byte_size) parts.push(size(item.byte_size));
  if (item.created_at) parts.push(`added ${new Date(item.created_at).toLocaleString()}`);
  return parts.join(" · ");
}
