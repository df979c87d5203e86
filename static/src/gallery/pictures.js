/** The pictures of the current view: all of them in outline, those that are looked at in full.
 * They are refreshed in place and never reordered under the person's hand. */
import { queryOf, showsArrivals } from "../address.js";
import { Details } from "./details.js";
import { differenceOf, isNewestFirst } from "./difference.js";
import { isBeyond, shellOf } from "./picture.js";
import { fill, saidArrived, saidSince, sayOfAll } from "./said.js";

const FIRST_PAGE = 100; // more than a screen, and soon there
const COMPARED = 50;

export class Pictures extends EventTarget {
  /** @type {import("./picture.js").Picture[]} */
  items = [];
  isLoading = false;
  /** @type {Error | null} */
  error = null;
  /** @type {"" | "new" | "changed"} how what the server would show now differs from what we show */
  difference = "";
  /** Whether no model could read the search's free words just now: names, notes and tags had to do. */
  isByWordsOnly = false;
  /** Where which date or percentage begins. @type {{at: number, value: string}[]} */
  marks = [];

  #api;
  #view = null;
  #isKnown = false;
  #request = new AbortController();
  #byId = new Map();
  #details = new Details(() => this.items, (items, asked) => this.#refresh(items, asked));
  #loading = null;
  /** How many more there are than are listed; null while nobody has counted. @type {number | null} */
  #unlisted = 0;
  /** Files on their way that this view does not show. */
  #hidden = [];
  /** Of answers and of what was said meanwhile: which was first. */
  #clock = 0;

  constructor(api) {
    super();
    this.#api = api;
  }

  /** Whether the first page of this view has come. */
  get isKnown() {
    return this.#isKnown;
  }

  /**
   * How many there are, those on their way included; files that were refused are none.
   * @returns {number | null} null while it is not known
   */
  get total() {
    if (this.#unlisted === null) return null;
    return this.items.length + this.#unlisted - this.items.filter((item) => !item.id && item.upload?.state === "failed").length;
  }

  /** Whether all that the view shows are listed, not just its first page. */
  get isWhole() {
    return this.#isKnown && this.#unlisted === 0;
  }

  /** Once all that the view shows are listed, not just its first page. */
  async whole() {
    await this.#loading?.catch(() => { /* it is shown where the pictures would be */ });
  }

  byId(id) {
    return this.#byId.get(id);
  }

  /**
   * Show a view from its start. What is shown stays until the new pictures are there.
   * @param {() => void} [begin] called when its first page, or what went wrong, is put in their place
   */
  async show(view, begin = () => {}) {
    this.#request.abort();
    this.#request = new AbortController();
    this.#view = view;
    this.isLoading = true;
    this.error = null;
    this.#changed();
    this.#loading = this.#load(view, begin, this.#request.signal);
    try {
      await this.#loading;
    } catch (error) {
      if (error.name === "AbortError") return;
      this.error = error;
      if (error.code === "bad_query") this.#forget(); // what was asked for before is no answer
      begin();
    }
    this.isLoading = false;
    this.#changed();
  }

  /** Let go of all but files that are on their way. */
  #forget() {
    this.items = this.items.filter((item) => item.upload && !item.id);
    this.#byId = new Map();
    this.#details.reset();
    this.#unlisted = 0;
    this.difference = "";
    this.isByWordsOnly = false;
    this.marks = [];
  }

  /** The same pictures in the same order, asked for with another concept. */
  retarget(view) {
    this.#view = view;
  }

  async #load(view, begin, signal) {
    const query = queryOf(view);
    const asked = this.#details.now;
    const began = this.#tick();
    const page = await this.#api.images({ ...query, limit: FIRST_PAGE, count: false }, signal);
    const [before, known] = [this.items, this.#byId];
    this.#forget();
    this.#isKnown = true;
    this.isByWordsOnly = page.words_only;
    const records = page.items.map((record) => this.#keep({
      key: `image-${record.id}`, upload: null, asked, ...record, ...saidSince(known.get(record.id), began),
    }));
    const coming = [...new Set([...this.#hidden, ...before])]
      .filter((item) => item.upload && !this.#byId.has(item.id) && isBeyond(item, began));
    const [arriving, hidden] = showsArrivals(view) ? [coming, []] : [[], coming];
    this.#hidden = hidden;
    for (const item of arriving) if (item.id) this.#keep(item);
    // The outline may list them, or what was said of them be refused.
    for (const [id, item] of known) if (!this.#byId.has(id) && saidSince(item, began)) this.#keep(item);
    this.items = [...arriving, ...records];
    begin();
    if (!page.next_cursor) return;
    this.#unlisted = null;
    this.#changed();
    this.#count(query, page.items.length, signal);
    const { ids, widths, marks } = await this.#api.outline(query, signal);
    const listed = new Set(ids);
    const others = this.items.filter((item) => !listed.has(item.id) && isBeyond(item, began));
    const shell = (id, width) => this.#keep(shellOf(id, width, view.status));
    this.items = [...others, ...ids.map((id, i) => this.#byId.get(id) ?? shell(id, widths[i]))];
    this.marks = marks;
    this.#unlisted = 0;
  }

  /** Tell how many there are as soon as that is known: among many, all of them come later. */
  async #count(query, listed, signal) {
    const count = await this.#api.countImages(query, signal).catch(() => null);
    if (count === null || signal.aborted || this.#unlisted !== null) return;
    this.#unlisted = Math.max(0, count - listed);
    this.#changed();
  }

  #tick() {
    this.#clock += 1;
    return this.#clock;
  }

  #keep(item) {
    this.#byId.set(item.id, item);
    return item;
  }

  /** These are drawn: ask for what of them is not known yet, or no longer true. */
  need(first, end) {
    this.#details.see(first, end);
  }

  /** This one is shown large, wherever the gallery is; none with nothing. */
  lookAt(item) {
    this.#details.lookAt(this.#byId.get(item?.id) ?? null);
  }

  async #refresh(items, asked) {
    const began = this.#tick();
    fill(items, await this.#api.imagesById(items.map((item) => item.id)), { asked, began });
    this.#changed();
  }

  /** Put files that are on their way in front, or after an earlier one of the same drop. */
  addArriving(arriving, after = null) {
    const at = after ? this.items.indexOf(after) + 1 : 0;
    this.items = [...this.items.slice(0, at), ...arriving, ...this.items.slice(at)];
    this.#changed();
  }

  /** The server has this file now. A duplicate is shown where it already was. */
  arrived(item, record) {
    const known = this.#byId.get(record.id);
    Object.assign(known ?? item, record, { isShell: known?.isShell ?? false, arrivedAt: this.#tick() });
    item.asked ??= this.#details.now;
    if (known && known !== item) this.#drop((other) => other === item);
    else this.#byId.set(record.id, item);
    this.#changed();
  }

  /**
   * Bring what is seen up to date where it is, then note whether the server would now show others,
   * or in another order. What is not seen is asked for again when it is.
   * @param {{onlyArrivals: boolean, isArriving: boolean}} now what happened; whether new pictures
   *   are our own, on their way
   */
  async sync({ onlyArrivals, isArriving }) {
    this.#details.happened(onlyArrivals);
    await this.whole(); // a list on its way may be older than what happened
    const view = this.#view;
    if (!view || this.isLoading) return;
    await this.#details.fetch();
    if (isArriving) return;
    const page = await this.#api.images({ ...queryOf(view), limit: COMPARED });
    if (view !== this.#view || this.isLoading) return;
    this.difference = differenceOf(page, this.items.filter((item) => item.id), view.sort);
    this.#changed();
  }

  /** Whether files that were dropped stand in another order than they will after a reload. */
  get isInOrderOfDrop() {
    return this.#view?.sort === "newest" && !isNewestFirst(this.items.filter((item) => item.id));
  }

  /** Say something of pictures at once, before the server has confirmed it. */
  label(ids, concept, value) {
    sayOfAll(this.#those(ids), concept, value);
    this.#changed();
  }

  /** What was said of these has arrived, or was refused. */
  saved(ids) {
    saidArrived(this.#those(ids), this.#tick());
  }

  #those(ids) {
    return ids.map((id) => this.#byId.get(id)).filter(Boolean);
  }

  /** Something that was shown was not kept: what was asked for until now may tell of it still. */
  restore() {
    this.#details.happened(false);
    this.#details.fetch();
  }

  remove(items) {
    const gone = new Set(items);
    this.#hidden = this.#hidden.filter((item) => !gone.has(item));
    for (const item of gone) this.#byId.delete(item.id);
    this.#drop((item) => gone.has(item));
  }

  /** Tell who draws that an item was changed. */
  touched() {
    this.#changed();
  }

  #drop(isGone) {
    this.items = this.items.filter((item) => !isGone(item));
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
