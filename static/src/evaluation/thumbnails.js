/** Pictures by id, fetched when somebody looks at them. */
import { debounced } from "../dom.js";

export class Thumbnails {
  #known = new Map();
  #wanted = new Set();

  constructor(api, draw) {
    this.fetch = debounced(async () => {
      const ids = [...this.#wanted].slice(0, 100);
      if (!ids.length) return;
      for (const id of ids) {
        this.#wanted.delete(id);
        this.#known.set(id, null);
      }
      for (const record of await api.imagesById(ids).catch(() => [])) this.#known.set(record.id, record);
      draw();
      if (this.#wanted.size) this.fetch();
    }, 20);
  }

  /** @param {(number | null)[]} ids */
  want(ids) {
    const unknown = ids.filter((id) => id !== null && !this.#known.has(id));
    if (!unknown.length) return;
    for (const id of unknown) this.#wanted.add(id);
    this.fetch();
  }

  get(id) {
    return this.#known.get(id) ?? null;
  }
}
