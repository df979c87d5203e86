/** How many pictures a list is of: all that are listed or, while that is its first page only, more. */

export class Total {
  /** How many more there are than are listed; null while nobody has counted. @type {number | null} */
  #unlisted = 0;

  /** Whether all are listed. */
  get isListed() {
    return this.#unlisted === 0;
  }

  /**
   * Tell how many there are as soon as that is known: among many, all of them are listed later.
   * @param {number} listed how many were, of those that are counted
   * @param {Promise<number>} counting
   * @param {() => void} done
   */
  async count(listed, counting, done) {
    this.#unlisted = null;
    const count = await counting.catch(() => null);
    if (count === null) return;
    this.#unlisted = Math.max(0, count - listed);
    done();
  }

  /**
   * @param {import("./picture.js").Picture[]} items that are listed; of them, files that were refused are none
   * @returns {number | null} null while it is not known
   */
  with(items) {
    if (this.#unlisted === null) return null;
    return items.length + this.#unlisted - items.filter((item) => !item.id && item.upload?.state === "failed").length;
  }
}
