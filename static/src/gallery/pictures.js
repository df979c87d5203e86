/** The pictures of the current view: all of them in outline, those that are looked at in full.
 * They are refreshed in place and never reordered under the person's hand. */
import { queryOf } from "../address.js";
import { shellOf, wants } from "./picture.js";

const FIRST_PAGE = 100; // more than a screen, and soon there
const AT_ONCE = 100;
const COMPARED = 50;
const BEYOND = 30; // pictures asked for before and after those that are seen

export class Pictures extends EventTarget {
  /** @type {import("./picture.js").Picture[]} */
  items = [];
  isLoading = false;
  /** @type {Error | null} */
  error = null;
  /** @type {"" | "new" | "changed"} how what the server would show now differs from what we show */
  difference = "";
  /** Where which date or percentage begins. @type {{at: number, value: string}[]} */
  marks = [];

  #api;
  #view = null;
  #isKnown = false;
  #request = new AbortController();
  #byId = new Map();
  #seen = [0, 0];
  #isFetching = false;
  #loading = null;
  /** How many more there are than the first page told of. */
  #unlisted = 0;
  /** What was said or learnt since a picture was asked for makes it stale. */
  #now = { all: 0, arrivals: 0 };
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

  /** How many there are, those on their way included; files that were refused are none. */
  get total() {
    return this.items.length + this.#unlisted - this.items.filter((item) => !item.id && item.upload?.state === "failed").length;
  }

  /** Whether all that the view shows are listed, not just its first page. */
  get isWhole() {
    return this.#isKnown && !this.#unlisted;
  }

  /** Once all that the view shows are listed, not just its first page. */
  async whole() {
    await this.#loading?.catch(() => { /* it is shown where the pictures would be */ });
  }

  byId(id) {
    return this.#byId.get(id);
  }

  /** Show a view from its start. What is shown stays until the new pictures are there. */
  async show(view) {
    this.#request.abort();
    this.#request = new AbortController();
    this.#view = view;
    this.isLoading = true;
    this.error = null;
    this.#changed();
    this.#loading = this.#load(view, this.#request.signal);
    try {
      await this.#loading;
    } catch (error) {
      if (error.name === "AbortError") return;
      this.error = error;
    }
    this.isLoading = false;
    this.#changed();
  }

  /** The same pictures in the same order, asked for with another concept. */
  retarget(view) {
    this.#view = view;
  }

  async #load(view, signal) {
    const query = queryOf(view);
    const asked = { ...this.#now };
    const page = await this.#api.images({ ...query, limit: FIRST_PAGE }, signal);
    this.#byId = new Map();
    this.#isKnown = true;
    this.difference = "";
    this.marks = [];
    this.#seen = [0, 0];
    const arriving = view.sort === "newest" && !view.label && !view.status
      ? this.items.filter((item) => item.upload && !item.id) : [];
    this.items = [...arriving, ...page.items.map((record) => this.#itemOf(record, asked))];
    this.#unlisted = page.next_cursor ? page.total - page.items.length : 0;
    if (!page.next_cursor) return;
    this.#changed();
    const { ids, widths, marks } = await this.#api.outline(query, signal);
    const listed = new Set(ids);
    const others = this.items.filter((item) => !item.id || (item.upload && !listed.has(item.id)));
    this.items = [...others, ...ids.map((id, i) => this.#byId.get(id) ?? this.#keep(shellOf(id, widths[i])))];
    this.marks = marks;
    this.#unlisted = 0;
  }

  #itemOf(record, asked) {
    return this.#keep({ key: `image-${record.id}`, upload: null, asked, ...record });
  }

  #keep(item) {
    this.#byId.set(item.id, item);
    return item;
  }

  /** These are drawn: ask for what of them is not known yet, or no longer true. */
  need(first, end) {
    this.#seen = [Math.max(0, first - BEYOND), end + BEYOND];
    if (!this.#isFetching) this.#fetch();
  }

  async #fetch() {
    this.#isFetching = true;
    try {
      for (;;) {
        const wanted = this.items.slice(...this.#seen).filter((item) => wants(item, this.#now));
        if (!wanted.length) break;
        await this.#refresh(wanted.slice(0, AT_ONCE));
      }
    } catch { /* the next scroll or event asks again */ } finally {
      this.#isFetching = false;
    }
  }

  async #refresh(items) {
    const asked = { ...this.#now };
    this.#clock += 1;
    const began = this.#clock;
    const records = await this.#api.imagesById(items.map((item) => item.id));
    for (const item of items) item.asked = asked; // whatever came: one that is gone is not asked for again
    for (const record of records) {
      const item = this.#byId.get(record.id);
      if (!item) continue;
      const isOlder = item.unsaved || item.savedAt > began; // than what the person said of it since
      Object.assign(item, record, { isShell: false }, isOlder && { labels: item.labels });
    }
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
    Object.assign(known ?? item, record, { isShell: known?.isShell ?? false });
    item.asked ??= { ...this.#now };
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
    const view = this.#view;
    this.#now.arrivals += 1;
    if (!onlyArrivals) this.#now.all += 1;
    if (!view || this.isLoading) return; // what is loaded now is asked for again where it is seen
    if (!this.#isFetching) await this.#fetch();
    if (isArriving) return;
    const page = await this.#api.images({ ...queryOf(view), limit: COMPARED });
    if (view !== this.#view || this.isLoading) return;
    this.difference = this.#compare(page);
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

  /** Whether files that were dropped stand in another order than they will after a reload. */
  get isInOrderOfDrop() {
    const ids = this.items.filter((item) => item.id).map((item) => item.id);
    return this.#view?.sort === "newest" && ids.some((id, i) => i > 0 && id > ids[i - 1]);
  }

  /** Say something of pictures at once, before the server has confirmed it. */
  label(ids, concept, value) {
    for (const id of ids) {
      const item = this.#byId.get(id);
      if (!item || item.isShell) continue;
      const others = (item.labels ?? []).filter((label) => label.concept !== concept);
      item.labels = value ? [...others, { concept, value }] : others;
      item.unsaved = (item.unsaved ?? 0) + 1;
    }
    this.#changed();
  }

  /** What was said of these has arrived, or was refused. */
  saved(ids) {
    this.#clock += 1;
    for (const id of ids) {
      const item = this.#byId.get(id);
      if (item?.unsaved) Object.assign(item, { unsaved: item.unsaved - 1, savedAt: this.#clock });
    }
  }

  /** What was shown of these was not kept: ask for them anew. */
  restore(ids) {
    for (const id of ids) if (this.#byId.has(id)) this.#byId.get(id).asked = null;
    if (!this.#isFetching) this.#fetch();
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
    this.items = this.items.filter((item) => !isGone(item));
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
