/** Which pictures are chosen, and the one the keyboard is on. */

export class Selection extends EventTarget {
  /** @type {Set<string>} keys of the chosen photos */
  keys = new Set();
  /** Index of the picture the keyboard is on. */
  cursor = 0;
  /** The selection was used: it can be used again, and the next choice starts a new one. */
  isSpent = false;
  #anchor = 0;
  /** What the last extension added, to be taken back when it shrinks. */
  #extension = [];
  #pictures;
  #pruned = null;
  /** How often pictures were chosen: who waits for the list to choose them may come too late. */
  #choices = 0;
  /** The picture the keyboard is on. */
  #current = null;

  constructor(pictures) {
    super();
    this.#pictures = pictures;
  }

  get items() {
    return this.#pictures.items.filter((item) => this.keys.has(item.key));
  }

  /** Ids of the chosen photos that the server has. */
  get ids() {
    return this.items.filter((item) => item.id && item.status !== "failed").map((item) => item.id);
  }

  has(item) {
    return this.keys.has(item.key);
  }

  /** Choose this one, in or out; the others stay as they are. */
  toggle(index, { keep = false } = {}) {
    const key = this.#keyAt(index);
    if (key === undefined) return;
    this.#choices += 1;
    if (!keep) this.startAnew();
    if (!this.keys.delete(key)) this.keys.add(key);
    this.isSpent = false;
    this.moveTo(index);
  }

  /** Choose everything from where the last choice began to this one. */
  extendTo(index) {
    this.#choices += 1;
    this.startAnew();
    for (const key of this.#extension) this.keys.delete(key);
    const [from, to] = index < this.#anchor ? [index, this.#anchor] : [this.#anchor, index];
    const keys = this.#pictures.items.slice(from, to + 1).map((item) => item.key);
    this.#extension = keys.filter((key) => !this.keys.has(key));
    for (const key of keys) this.keys.add(key);
    this.cursor = index;
    this.#current = this.#pictures.items[index];
    this.#changed();
  }

  /** The selection did its work; it stays until another one is begun. */
  spend() {
    this.isSpent = this.keys.size > 0;
    this.#changed();
  }

  startAnew() {
    if (this.isSpent) this.keys = new Set();
    this.isSpent = false;
  }

  async all() {
    this.#choices += 1;
    const mine = this.#choices;
    await this.#pictures.whole();
    if (mine === this.#choices) this.#choose(this.#pictures.items);
  }

  /** @param {Iterable<string>} keys of pictures that are shown, or were a moment ago */
  replace(keys) {
    this.#choices += 1;
    this.keys = new Set(keys);
    this.#choose(this.items);
  }

  clear() {
    this.#choices += 1;
    if (this.keys.size) this.#choose([]);
  }

  moveTo(index) {
    this.cursor = Math.max(0, Math.min(index, this.#pictures.items.length - 1));
    this.#anchor = this.cursor;
    this.#current = this.#pictures.items[this.cursor];
    this.#extension = [];
    this.#changed();
  }

  /** Whether every picture of the view is chosen, each of which the server has. */
  get isAll() {
    const { items } = this.#pictures;
    return this.keys.size > 0 && this.keys.size === items.length && items.every((item) => item.id);
  }

  /** Others came or went: forget what is no longer shown, and stay on the picture one is on. */
  prune() {
    if (this.#pruned === this.#pictures.items) return;
    this.#pruned = this.#pictures.items;
    this.#stay();
    const kept = this.keys.size ? this.items : [];
    if (kept.length !== this.keys.size) this.#choose(kept);
  }

  #choose(items) {
    this.isSpent = false;
    this.keys = new Set(items.map((item) => item.key));
    this.#changed();
  }

  #stay() {
    const at = this.#current ? this.#pictures.items.indexOf(this.#current) : -1;
    if (at < 0 || at === this.cursor) return;
    this.#anchor += at - this.cursor;
    this.cursor = at;
    this.#changed();
  }

  #keyAt(index) {
    return this.#pictures.items[index]?.key;
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
