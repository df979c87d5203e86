/** Pictures by their ids. What was deleted here stays so, whatever comes: a list may be older. */
export class Known {
  /** @type {Map<number, import("./picture.js").Picture>} */
  #byId = new Map();
  /** Ids of what was deleted. */
  #gone = new Set();

  get(id) {
    return this.#byId.get(id);
  }

  has(id) {
    return this.#byId.has(id);
  }

  /** Those of these ids that are known. @param {number[]} ids */
  those(ids) {
    return ids.map((id) => this.#byId.get(id)).filter(Boolean);
  }

  keep(item) {
    this.#byId.set(item.id, item);
    return item;
  }

  /** @returns {Map<number, import("./picture.js").Picture>} what was known until now */
  forget() {
    const known = this.#byId;
    this.#byId = new Map();
    return known;
  }

  /** @param {number[]} ids of pictures that were deleted */
  remove(ids) {
    for (const id of ids) {
      this.#gone.add(id);
      this.#byId.delete(id);
    }
  }

  isGone(id) {
    return this.#gone.has(id);
  }
}
