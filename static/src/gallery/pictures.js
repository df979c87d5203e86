/** The pictures of the current view: loaded page by page, refreshed in place, never reordered
 * under the person's hand. */
import { queryOf } from "../address.js";

const PAGE = 200;

/**
 * @typedef {object} Picture
 * @property {string} key stays the same from the file's drop on, so that nothing flickers
 * @property {number | null} id
 * @property {object | null} upload what is known of a file that is on its way
 */

export class Pictures extends EventTarget {
  /** @type {Picture[]} */
  items = [];
  total = 0;
  isLoading = false;
  /** @type {Error | null} */
  error = null;
  /** @type {"" | "new" | "changed"} how what the server would show now differs from what we show */
  difference = "";

  #api;
  #view = null;
  #cursor = null;
  #isAtEnd = false;
  #request = new AbortController();
  #byId = new Map();

  constructor(api) {
    super();
    this.#api = api;
  }

  /** Whether the first page of this view has come. */
  get isKnown() {
    return this.#view !== null && (this.items.length > 0 || this.#isAtEnd);
  }

  byId(id) {
    return this.#byId.get(id);
  }

  /** Show a view from its start. What is shown stays until the new pictures are there. */
  async show(view) {
    this.#request.abort();
    this.#request = new AbortController();
    this.#view = view;
    this.#cursor = null;
    this.#isAtEnd = false;
    this.isLoading = false;
    this.error = null;
    await this.#load(true);
  }

  /** The same pictures in the same order, asked for with another concept. */
  retarget(view) {
    this.#view = view;
  }

  async more() {
    if (this.isLoading || this.#isAtEnd || this.error || !this.#view) return;
    await this.#load(false);
  }

  async #load(isFirst) {
    const { signal } = this.#request;
    this.isLoading = true;
    this.#changed();
    try {
      const query = { ...queryOf(this.#view), cursor: this.#cursor ?? "", limit: PAGE };
      const page = await this.#api.images(query, signal);
      if (isFirst) this.#begin(page.total);
      this.#take(page.items);
      this.#cursor = page.next_cursor;
      this.#isAtEnd = !page.next_cursor;
      this.error = null;
    } catch (error) {
      if (error.name === "AbortError") return;
      this.error = error;
    }
    this.isLoading = false;
    this.#changed();
  }

  #begin(total) {
    const arriving = this.#view.sort === "newest" && !this.#view.label && !this.#view.status
      ? this.items.filter((item) => item.upload && !item.id) : [];
    this.items = arriving;
    this.#byId = new Map();
    this.total = (total ?? 0) + arriving.length;
    this.difference = "";
  }

  #take(records) {
    for (const record of records) {
      if (this.#byId.has(record.id)) continue;
      const item = { key: `image-${record.id}`, upload: null, ...record };
      this.#byId.set(record.id, item);
      this.items.push(item);
    }
    this.items = this.items.slice();
  }

  /** Put files that are on their way in front, or after an earlier one of the same drop. */
  addArriving(arriving, after = null) {
    const at = after ? this.items.indexOf(after) + 1 : 0;
    this.items = [...this.items.slice(0, at), ...arriving, ...this.items.slice(at)];
    this.total += arriving.length;
    this.#changed();
  }

  /** The server has this file now. A duplicate is shown where it already was. */
  arrived(item, record) {
    const known = this.#byId.get(record.id);
    Object.assign(known ?? item, record);
    if (known && known !== item) this.#drop((other) => other === item);
    else this.#byId.set(record.id, item);
    this.#changed();
  }

  /**
   * Bring pictures up to date where they are, and note whether the server would now show others,
   * or in another order.
   * @param {number[]} ids those that matter: they are on the screen
   * @param {{isArriving?: boolean}} [now] new pictures are our own, on their way
   */
  async sync(ids, { isArriving = false } = {}) {
    const view = this.#view;
    if (!view || this.isLoading) return;
    const page = await this.#api.images({ ...queryOf(view), limit: PAGE });
    if (view !== this.#view) return;
    const fresh = new Set(page.items.map((record) => record.id));
    const others = ids.filter((id) => !fresh.has(id));
    const records = [...page.items, ...(await this.#api.imagesById(others))];
    this.difference = isArriving ? "" : this.#compare(page);
    for (const record of records) {
      const item = this.#byId.get(record.id);
      if (item) Object.assign(item, record);
    }
    this.#changed();
  }

  #compare(page) {
    const shown = this.items.filter((item) => item.id);
    const isByTime = this.#view.sort === "newest" || this.#view.sort === "oldest";
    if (page.items.some((record) => !this.#byId.has(record.id))) return isByTime ? "new" : "changed";
    if ((page.total ?? 0) < shown.length) return "changed";
    const isMoved = page.items.some((record, i) => shown[i]?.id !== record.id);
    return isMoved && !isByTime ? "changed" : "";
  }

  /** Say something of pictures at once, before the server has confirmed it. */
  label(ids, concept, value) {
    for (const id of ids) {
      const item = this.#byId.get(id);
      if (!item) continue;
      const others = (item.labels ?? []).filter((label) => label.concept !== concept);
      item.labels = value ? [...others, { concept, value }] : others;
    }
    this.#changed();
  }

  remove(items) {
    const gone = new Set(items);
    for (const item of gone) this.#byId.delete(item.id);
    this.#drop((item) => gone.has(item));
  }

  /** Tell who draws that an item was changed. */
  touched() {
    this.#changed();
  }

  #drop(isGone) {
    const kept = this.items.filter((item) => !isGone(item));
    this.total -= this.items.length - kept.length;
    this.items = kept;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
