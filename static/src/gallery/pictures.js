/** The pictures of the current view: all of them in outline, those that are looked at in full.
 * They are refreshed in place and never reordered under the person's hand. */
import { queryOf, showsArrivals } from "../address.js";
import { Details } from "./details.js";
import { differenceOf, isNewestFirst } from "./difference.js";
import { Known } from "./known.js";
import { isBeyond, shellOf } from "./picture.js";
import { fill, saidArrived, saidSince, sayOfAll } from "./said.js";
import { Total } from "./total.js";

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
  #known = new Known();
  #details = new Details(() => this.items, (items, asked) => this.#refresh(items, asked));
  #loading = null;
  #total = new Total();
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
    return this.#total.with(this.items);
  }

  /** Whether all that the view shows are listed, not just its first page. */
  get isWhole() {
    return this.#isKnown && this.#total.isListed;
  }

  /** Once all that the view shows are listed, not just its first page. */
  async whole() {
    await this.#loading?.catch(() => { /* it is shown where the pictures would be */ });
  }

  byId(id) {
    return this.#known.get(id);
  }

  /**
   * Show a view from its start. What is shown stays until the new pictures are there.
   * @param {() => void} [begin] called once: when its first page is put in their place, or when
   *   that page did not come. Who looks at it by then is left where they are.
   */
  async show(view, begin = () => {}) {
    this.#request.abort();
    this.#request = new AbortController();
    this.#view = view;
    this.isLoading = true;
    this.error = null;
    this.#changed();
    let isBegun = false;
    const beginOnce = () => { if (!isBegun) begin(); isBegun = true; };
    this.#loading = this.#load(view, beginOnce, this.#request.signal);
    try {
      await this.#loading;
    } catch (error) {
      if (error.name === "AbortError") return;
      this.error = error;
      if (error.code === "bad_query") this.#forget(); // what was asked for before is no answer
      beginOnce();
    }
    this.isLoading = false;
    this.#changed();
  }

  /** Let go of all but files that are on their way. @returns what was known until now, by its id */
  #forget() {
    this.items = this.items.filter((item) => item.upload && !item.id);
    this.#details.reset();
    this.#total = new Total();
    this.difference = "";
    this.isByWordsOnly = false;
    this.marks = [];
    return this.#known.forget();
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
    const before = this.items;
    const known = this.#forget();
    this.#isKnown = true;
    this.isByWordsOnly = page.words_only;
    const records = page.items.filter(({ id }) => !this.#known.isGone(id)).map((record) => this.#known.keep({
      key: `image-${record.id}`, upload: null, asked, ...record, ...saidSince(known.get(record.id), began),
    }));
    const coming = [...new Set([...this.#hidden, ...before])]
      .filter((item) => item.upload && !this.#known.has(item.id) && isBeyond(item, began));
    const [arriving, hidden] = showsArrivals(view) ? [coming, []] : [[], coming];
    this.#hidden = hidden;
    for (const item of arriving) if (item.id) this.#known.keep(item);
    // The outline may list them, or what was said of them be refused.
    for (const [id, item] of known) if (!this.#known.has(id) && saidSince(item, began)) this.#known.keep(item);
    this.items = [...arriving, ...records];
    begin();
    if (!page.next_cursor) return;
    this.#total.count(page.items.length, this.#api.countImages(query, signal), () => this.#changed());
    this.#changed();
    const { ids, widths, marks } = await this.#api.outline(query, signal);
    const listed = new Set(ids);
    const others = this.items.filter((item) => !listed.has(item.id) && isBeyond(item, began));
    const shell = (id, width) => this.#known.keep(shellOf(id, width, view.status));
    const all = ids.map((id, i) => this.#known.get(id) ?? shell(id, widths[i]));
    this.items = [...others, ...all.filter(({ id }) => !this.#known.isGone(id))];
    this.marks = marks;
    this.#total = new Total();
  }

  #tick() {
    this.#clock += 1;
    return this.#clock;
  }

  /** These are drawn: ask for what of them is not known yet, or no longer true. */
  need(first, end) {
    this.#details.see(first, end);
  }

  /** This one is shown large, wherever the gallery is; none with nothing. */
  lookAt(item) {
    this.#details.lookAt(this.#known.get(item?.id) ?? null);
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
    const known = this.#known.get(record.id);
    Object.assign(known ?? item, record, { isShell: known?.isShell ?? false, arrivedAt: this.#tick() });
    item.asked ??= this.#details.now;
    if (known && known !== item) this.#drop((other) => other === item);
    else this.#known.keep(item);
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
    sayOfAll(this.#known.those(ids), concept, value);
    this.#changed();
  }

  /** What was said of these has arrived, or was refused. */
  saved(ids) {
    saidArrived(this.#known.those(ids), this.#tick());
  }

  /** Something that was shown was not kept: what was asked for until now may tell of it still. */
  restore() {
    this.#details.happened(false);
    this.#details.fetch();
  }

  /** These were deleted: also where another list has come since, with other objects for the same pictures. */
  remove(items) {
    this.#known.remove(items.map((item) => item.id).filter(Boolean));
    const gone = new Set(items);
    const isGone = (item) => gone.has(item) || this.#known.isGone(item.id);
    this.#hidden = this.#hidden.filter((item) => !isGone(item));
    this.#drop(isGone);
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
