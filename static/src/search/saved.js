/** Saved searches in the rail, each with how many photos it finds. */
import { BookmarkMinus, Search } from "lucide";
import { debounced, html, icon, nothing, repeat } from "../dom.js";
import { notify } from "../notice.js";

export class SavedSearches {
  /** @type {{id: number, name: string, query: string, count: number | null}[]} */
  items = [];
  #project;
  #redraw;
  #asked = 0;

  /** @param {object} project @param {() => void} redraw */
  constructor(project, redraw) {
    this.#project = project;
    this.#redraw = redraw;
    const soon = debounced(() => this.refresh(), 1000, 5000);
    project.addEventListener("happened", soon);
    this.refresh();
  }

  async refresh() {
    this.#asked += 1;
    const mine = this.#asked;
    const found = await this.#project.api.savedSearches().catch(() => ({ items: this.items }));
    if (mine !== this.#asked) return; // it was asked for again meanwhile
    this.items = found.items;
    this.#redraw();
  }

  /** @param {() => string} current @param {(query: string) => void} choose */
  template(current, choose) {
    if (!this.items.length) return nothing;
    return html`<h2>Searches</h2>
      <ul class="concepts searches">${repeat(this.items, (one) => one.id, (one) => html`<li>
        <button class=${`row${current() === one.query ? " chosen" : ""}`} title=${one.query}
          aria-current=${current() === one.query ? "true" : "false"} @click=${() => choose(one.query)}>
          ${icon(Search)}<span class="name">${one.name}</span>
          <span class="count">${one.count === null ? "–" : one.count.toLocaleString("en")}</span></button>
        <button class="quiet-button more" aria-label="Forget the search ${one.name}" @click=${() => this.#forget(one)}>${icon(BookmarkMinus)}</button>
      </li>`)}</ul>`;
  }

  async #forget(one) {
    try {
      await this.#project.api.deleteSearch(one.id);
    } catch (error) {
      notify(error.message, { isError: true });
    }
    this.refresh();
  }
}
