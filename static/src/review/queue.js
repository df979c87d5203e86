/** The pictures to judge, those that teach most first. */

const PAGE = 60;
const PRELOADED = 4;

export class Queue extends EventTarget {
  /** @type {object[]} */
  items = [];
  at = 0;
  isLoading = false;
  /** @type {Error | null} */
  error = null;
  #project;
  #wanted = 0;

  constructor(project) {
    super();
    this.#project = project;
  }

  get current() {
    return this.items[this.at];
  }

  byId(id) {
    return this.items.find((item) => item.id === id);
  }

  /**
   * @param {string} concept
   * @param {"uncertain" | "mistakes" | "matches"} kind
   */
  async show(concept, kind) {
    this.#wanted += 1;
    const mine = this.#wanted;
    Object.assign(this, { items: [], at: 0, isLoading: true, error: null });
    this.#changed();
    try {
      const items = await this.#load(concept, kind);
      if (mine !== this.#wanted) return;
      this.items = items;
    } catch (error) {
      if (mine !== this.#wanted) return;
      this.error = error;
    }
    this.isLoading = false;
    this.#preload();
    this.#changed();
  }

  next() {
    this.at = Math.min(this.at + 1, this.items.length);
    this.#preload();
    this.#changed();
  }

  back() {
    if (!this.at) return false;
    this.at -= 1;
    this.#changed();
    return true;
  }

  /** See `Labelling`: what was said is shown at once. */
  label(ids, concept, value) {
    for (const id of ids) {
      const item = this.byId(id);
      if (!item) continue;
      const others = item.labels.filter((label) => label.concept !== concept);
      item.labels = value ? [...others, { concept, value }] : others;
    }
    this.#changed();
  }

  /** A verdict could not be saved; what is shown is asked for again with the next picture. */
  async sync() {
    this.#changed();
  }

  async #load(concept, kind) {
    const { api } = this.#project;
    if (kind === "mistakes") return this.#mistakes(concept);
    const query = { concept, label: "none", limit: PAGE, sort: kind === "matches" ? "-probability" : "uncertain" };
    return (await api.images(query)).items;
  }

  /** Marked pictures on which it disagrees, the surest disagreement first. */
  async #mistakes(concept) {
    const wrong = this.#project.learnt?.evaluation.wrong ?? [];
    const ids = wrong.filter((one) => one.concept === concept).slice(0, PAGE).map((one) => one.image);
    const found = await Promise.allSettled(ids.map((id) => this.#project.api.image(id)));
    return found.filter((one) => one.status === "fulfilled").map((one) => one.value);
  }

  #preload() {
    for (const item of this.items.slice(this.at + 1, this.at + 1 + PRELOADED)) {
      new Image().src = item.image_url;
    }
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
