/** The search box: words and conditions, with what the typed word may become, and what is wrong. */
import { Bookmark, GraduationCap, ImageUp, Search, X } from "lucide";
import { debounced, html, icon, live, nothing, render, repeat } from "../dom.js";
import { askForText } from "../dialogs.js";
import { notify } from "../notice.js";
import { searchByPicture } from "./upload.js";

const KINDS = { concept: "concept", tag: "seen in photos", key: "" };

/**
 * @param {HTMLElement} element
 * @param {{project: object, pictures: object, view: () => object, change: (view: object) => void,
 *   saved: {refresh: () => void}}} page
 */
export function searchBox(element, { project, pictures, view, change, saved }) {
  let offers = [];
  let chosen = -1;
  let isSaying = false; // whether the person is typing: then what was found wrong is of older text
  let shown = view().q;
  const input = () => element.querySelector("input[type=search]");
  const draw = () => render(template(), element);
  const ask = debounced(async () => {
    const text = wordAtCaret(input()).text;
    const found = text ? await project.api.completions(text).catch(() => ({ items: [] })) : { items: [] };
    if (!isSaying || wordAtCaret(input()).text !== text) return;
    offers = found.items;
    chosen = -1;
    draw();
  }, 120);
  pictures.addEventListener("change", draw);
  element.dataset.takesFiles = "";
  element.addEventListener("drop", ({ dataTransfer }) => {
    const [file] = dataTransfer.files;
    if (file) byPicture(file);
  });
  draw();
  return draw;

  function template() {
    const { q } = view();
    if (q !== shown) isSaying = false; // another search was chosen
    shown = q;
    const wrong = isSaying ? null : errorOf(pictures.error);
    return html`<form class="search" role="search" @submit=${submit}>
      <div class="field">${icon(Search)}
        <input type="search" name="q" aria-label="Search photos" autocomplete="off" spellcheck="false" maxlength="1000"
          placeholder="Search: dog, Rex>80%, taken:2024…" .value=${live(isSaying ? input().value : q)}
          role="combobox" aria-expanded=${offers.length > 0} aria-controls="search-offers" aria-autocomplete="list"
          aria-activedescendant=${chosen < 0 ? "" : `offer-${chosen}`}
          aria-invalid=${Boolean(wrong)} aria-describedby="search-wrong"
          @input=${typed} @keydown=${pressed} @blur=${() => setTimeout(close, 150)} />
        ${q ? html`<button type="button" class="quiet-button" aria-label="Clear the search" @click=${() => go("")}>${icon(X)}</button>
          <button type="button" class="quiet-button" aria-label="Save this search" title="Save this search" @click=${save}>${icon(Bookmark)}</button>
          ${project.may("edit") ? html`<button type="button" class="quiet-button" aria-label="Make this a concept" title="Make this a concept" @click=${teach}>${icon(GraduationCap)}</button>` : nothing}` : nothing}
        <button type="button" class="quiet-button" aria-label="Search by a photo" title="Search by a photo: choose one, or drop it here"
          @click=${(event) => event.currentTarget.nextElementSibling.click()}>${icon(ImageUp)}</button>
        <input type="file" accept="image/*,.heic,.heif,.avif" aria-label="Photo to search by" hidden @change=${picked} />
      </div>
      <ul id="search-offers" class="offers" role="listbox" aria-label="Completions" ?hidden=${!offers.length}>
        ${repeat(offers, (one) => one.insert, (one, index) => html`<li role="option" id=${`offer-${index}`}
          aria-selected=${index === chosen} @pointerdown=${(event) => { event.preventDefault(); take(one); }}>
          <b>${one.text}</b> <span class="quiet">${KINDS[one.kind]}</span></li>`)}
      </ul>
      <p id="search-wrong" class="wrong" role="alert" ?hidden=${!wrong}>${wrong ? marked(q, wrong) : nothing}</p>
    </form>`;
  }

  function typed() {
    isSaying = true;
    draw(); // what was wrong is of older text
    ask();
  }

  function pressed(event) {
    if (event.key === "Escape" && offers.length) close();
    else if (event.key === "ArrowDown" && offers.length) chosen = (chosen + 1) % offers.length;
    else if (event.key === "ArrowUp" && offers.length) chosen = (chosen <= 0 ? offers.length : chosen) - 1;
    else if ((event.key === "Enter" || event.key === "Tab") && chosen >= 0) take(offers[chosen]);
    else return;
    event.preventDefault();
    draw();
  }

  function take(offer) {
    const field = input();
    const { start, end } = wordAtCaret(field);
    const space = offer.kind === "key" ? "" : " ";
    field.value = `${field.value.slice(0, start)}${offer.insert}${space}${field.value.slice(end).trimStart()}`;
    const caret = start + offer.insert.length + space.length;
    field.setSelectionRange(caret, caret);
    close();
    field.focus();
    isSaying = true;
  }

  function close() {
    offers = [];
    chosen = -1;
    draw();
  }

  function submit(event) {
    event.preventDefault();
    go(input().value.trim());
  }

  function go(q) {
    isSaying = false;
    close();
    change({ ...view(), q, sort: "newest" });
    draw();
  }

  function picked(event) {
    const [file] = event.target.files;
    event.target.value = "";
    if (file) byPicture(file);
  }

  function byPicture(file) {
    searchByPicture(file, { project, showAll: (ids) => go(`id:${ids.join(",")}`) });
  }

  /** Name what was found, and go and say of some results whether they are it. */
  async function teach() {
    const { q } = view();
    const value = /^[\p{L}\p{N} ]+$/u.test(q) ? q : "";
    const name = await askForText({ title: "Make this a concept", label: "What do you look for?", value, action: "Mark some examples" });
    if (!name) return;
    try {
      if (!project.concept(name)) await project.api.addConcept(name);
      location.assign(`review/?${new URLSearchParams({ concept: name, kind: "found", q })}`);
    } catch (error) {
      notify(error.message, { isError: true });
    }
  }

  async function save() {
    const { q } = view();
    const name = await askForText({ title: "Save this search", label: "Name", value: q, action: "Save" });
    if (!name) return;
    try {
      await project.api.saveSearch(name, q);
      saved.refresh();
    } catch (error) {
      notify(error.message, { isError: true });
    }
  }
}

function wordAtCaret(field) {
  const caret = field.selectionStart ?? field.value.length;
  const before = field.value.slice(0, caret);
  const inQuotes = (before.match(/"/g) ?? []).length % 2 === 1;
  const start = inQuotes ? before.lastIndexOf(" ", before.lastIndexOf('"')) + 1 : before.search(/[^\s()]*$/);
  return { text: before.slice(start), start, end: caret };
}

function errorOf(error) {
  return error?.code === "bad_query" ? error : null;
}

/** What is wrong, and the place in what was typed. */
function marked(q, { message, details }) {
  const { position, length } = details;
  return html`${message} <code>${q.slice(0, position)}<mark>${q.slice(position, position + length) || "␣"}</mark>${q.slice(position + length)}</code>`;
}
