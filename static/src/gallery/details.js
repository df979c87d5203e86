/** Asks for all that is known of the pictures somebody looks at, and again once it is no longer true. */
import { wants } from "./picture.js";

const AT_ONCE = 100;
const BEYOND = 30; // pictures asked for before and after those that are seen

export class Details {
  /** What was said or learnt since a picture was asked for makes it stale. */
  #now = { all: 0, arrivals: 0 };
  #seen = [0, 0];
  /** The one that is shown large. It may be far from those that the gallery draws. */
  #large = null;
  #isFetching = false;
  #items;
  #fill;

  /**
   * @param {() => import("./picture.js").Picture[]} items all of the view
   * @param {(items: import("./picture.js").Picture[], asked: object) => Promise<void>} fill
   *   asks for these, and puts what came into them
   */
  constructor(items, fill) {
    this.#items = items;
    this.#fill = fill;
  }

  /** What had happened up to now: kept with a picture that is asked for now. */
  get now() {
    return { ...this.#now };
  }

  /** Other pictures are shown: none of them was seen yet. */
  reset() {
    this.#seen = [0, 0];
  }

  /** These are drawn. */
  see(first, end) {
    this.#seen = [Math.max(0, first - BEYOND), end + BEYOND];
    this.fetch();
  }

  /** @param {import("./picture.js").Picture | null} item is shown large */
  lookAt(item) {
    this.#large = item;
    this.fetch();
  }

  /** @param {boolean} onlyArrivals whether it changed no more than pictures that were waited for */
  happened(onlyArrivals) {
    this.#now.arrivals += 1;
    if (!onlyArrivals) this.#now.all += 1;
  }

  /** Ask for what of the seen is not known yet, or no longer true. What is asked for meanwhile follows. */
  async fetch() {
    if (this.#isFetching) return;
    this.#isFetching = true;
    try {
      for (let wanted = this.#wanted(); wanted.length; wanted = this.#wanted()) await this.#fill(wanted, this.now);
    } catch { /* the next scroll or event asks again */ } finally {
      this.#isFetching = false;
    }
  }

  #wanted() {
    const seen = new Set([this.#large, ...this.#items().slice(...this.#seen)]);
    return [...seen].filter((item) => item && wants(item, this.#now)).slice(0, AT_ONCE);
  }
}
