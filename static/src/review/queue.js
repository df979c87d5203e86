/** The pictures to judge, those that teach most first. */
import { say } from "../gallery/picture.js";

const PAGE = 60;
const TOGETHER = 50;
const PRELOADED = 4;
const REFRESHED = 12;

export class Queue extends EventTarget {
  /** @type {object[]} */
  items = [];
  at = 0;
  /** Ids of those that were clicked when many are confirmed: they are not the concept. */
  left = new Set();
  isLoading = false;
  /** @type {Error | null} */
  error = null;
  #project;
  #wanted = 0;
  /** Pictures that are decoded before they are shown. @type {Map<number, HTMLImageElement>} */
  #elements = new Map();

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
   * @param {"uncertain" | "mistakes" | "matches" | "found"} kind
   * @param {string} [q] the search whose results are to be judged, where they are "found"
   */
  async show(concept, kind, q = "") {
    this.#wanted += 1;
    const mine = this.#wanted;
    Object.assign(this, { items: [], at: 0, left: new Set(), isLoading: true, error: null });
    this.#changed();
    try {
      const items = await this.#load(concept, kind, q);
      if (mine !== this.#wanted) return;
      this.items = items;
    } catch (error) {
      if (mine !== this.#wanted) return;
      this.error = error;
    }
    this.isLoading = false;
    if (kind !== "matches") this.#preload();
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
      if (item) say(item, concept, value);
    }
    this.#changed();
  }

  /** Verdicts are behind the picture that is shown: what arrived of them changes nothing here. */
  saved() {}

  /** A verdict could not be saved, or something was learned: ask for what is still to come. */
  async restore(ids = this.items.slice(this.at, this.at + REFRESHED).map((item) => item.id)) {
    const mine = this.#wanted;
    const records = await this.#project.api.imagesById(ids.slice(0, PAGE)).catch(() => []);
    if (mine !== this.#wanted) return;
    for (const record of records) Object.assign(this.byId(record.id) ?? {}, record);
    this.#changed();
  }

  /** The picture as an element that is decoded already, where it was preloaded. */
  elementOf(item) {
    if (!this.#elements.has(item.id)) {
      const element = Object.assign(new Image(), { src: item.image_url, alt: item.filename, draggable: false });
      element.decode().catch(() => { /* the browser shows that it is broken */ });
      this.#elements.set(item.id, element);
    }
    return this.#elements.get(item.id);
  }

  async #load(concept, kind, q) {
    const { api } = this.#project;
    if (kind === "mistakes") return this.#mistakes(concept);
    const unmarked = { concept, label: "none" };
    if (kind === "found") return (await api.images({ ...unmarked, q, limit: PAGE })).items;
    const query = kind === "matches"
      ? { ...unmarked, sort: "-probability", min_probability: this.#project.concept(concept)?.threshold, limit: TOGETHER }
      : { ...unmarked, sort: "uncertain", limit: PAGE };
    return (await api.images(query)).items;
  }

  /** Marked pictures on which it disagrees, the surest disagreement first. */
  async #mistakes(concept) {
    const ids = this.#project.mistakes(concept).slice(0, PAGE);
    const found = new Map((await this.#project.api.imagesById(ids)).map((record) => [record.id, record]));
    return ids.map((id) => found.get(id)).filter(Boolean);
  }

  #preload() {
    const near = this.items.slice(Math.max(0, this.at - 1), this.at + 1 + PRELOADED);
    const kept = new Set(near.map((item) => item.id));
    for (const id of this.#elements.keys()) if (!kept.has(id)) this.#elements.delete(id);
    for (const item of near) this.elementOf(item);
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
