/** Draws the rows that can be seen, and no others, however many pictures there are. */
import { html, oncePerFrame, render, repeat } from "../dom.js";
import { between, justify, neighbour, ratioOf, within } from "./layout.js";
import { tile } from "./tile.js";

const GAP = 6;
const BEYOND = 600; // pixels drawn above and below what is seen
const SIZE_KEY = "pupil.row-height";

export class Grid {
  layout = justify([], { width: 1, target: 1, gap: 0 });
  #element;
  #pictures;
  #selection;
  #context;
  #items = null;
  #width = 0;
  #drawn = [0, 0];
  #uploads = new Set();
  #target = Number(localStorage.getItem(SIZE_KEY)) || (matchMedia("(max-width: 640px)").matches ? 120 : 190);

  /**
   * @param {HTMLElement} element
   * @param {() => {concept: string, colourOf: (name: string) => string}} context
   */
  constructor(element, pictures, selection, context) {
    this.#element = element;
    this.#pictures = pictures;
    this.#selection = selection;
    this.#context = context;
    this.draw = oncePerFrame(() => this.#draw());
    pictures.addEventListener("change", this.draw);
    selection.addEventListener("change", this.draw);
    addEventListener("scroll", this.#drawOther, { passive: true });
    new ResizeObserver(() => {
      if (element.clientWidth !== this.#width) this.#lay();
    }).observe(element);
  }

  /** Scrolling within the same rows changes nothing. */
  #drawOther = oncePerFrame(() => {
    const [first, end] = this.#near();
    if (first !== this.#drawn[0] || end !== this.#drawn[1]) this.#draw();
  });

  get rowHeight() {
    return this.#target;
  }

  /** Make the pictures larger or smaller; the one in the middle of the screen stays there. */
  set rowHeight(target) {
    const [index, offset] = this.#middle();
    this.#target = target;
    localStorage.setItem(SIZE_KEY, String(target));
    this.#lay();
    if (index !== undefined) scrollTo(0, this.layout.boxes[index * 4 + 1] - offset);
  }

  /** Where the pictures start on the page. */
  get origin() {
    const { left, top } = this.#element.getBoundingClientRect();
    return { left: left + scrollX, top: top + scrollY };
  }

  /** Indexes of the pictures on the screen. */
  visible() {
    const top = scrollY - this.origin.top;
    return between(this.layout, top, top + innerHeight);
  }

  /** The pictures that touch a rectangle of the page, as they were drawn: some may have gone since. */
  touching({ left, top, right, bottom }) {
    const { left: x, top: y } = this.origin;
    const indexes = within(this.layout, { left: left - x, top: top - y, right: right - x, bottom: bottom - y });
    return indexes.map((index) => this.#items[index]);
  }

  /** Index of the first picture at a height. */
  at(y) {
    return between(this.layout, y, y)[0];
  }

  above(index) {
    return neighbour(this.layout, index, -1);
  }

  below(index) {
    return neighbour(this.layout, index, 1);
  }

  /** Scroll as little as needed to see a picture whole. */
  reveal(index) {
    const [, y, , height] = this.layout.boxes.subarray(index * 4, index * 4 + 4);
    const top = y + this.origin.top;
    const margin = 130; // what floats over the page's upper and lower edge
    if (top < scrollY + margin) scrollTo(0, top - margin);
    else if (top + height > scrollY + innerHeight - margin) scrollTo(0, top + height - innerHeight + margin);
  }

  #middle() {
    const [first, end] = this.visible();
    if (first === end) return [undefined, 0];
    const index = (first + end) >> 1;
    return [index, this.layout.boxes[index * 4 + 1] - scrollY];
  }

  #lay() {
    this.#items = this.#pictures.items;
    this.#width = this.#element.clientWidth;
    const ratios = this.#items.map((item) => ratioOf(item.width, item.height));
    this.layout = justify(ratios, { width: this.#width, target: this.#target, gap: GAP });
    this.#element.style.setProperty("height", `${this.layout.height}px`);
    this.draw();
  }

  /** Others came or went above: what is looked at stays where it is. At the top one sees what came. */
  #layAnew() {
    const [first] = this.visible();
    const top = this.layout.boxes[first * 4 + 1];
    const seen = scrollY > this.origin.top ? this.#items?.[first] : null;
    this.#lay();
    const at = seen ? this.#items.indexOf(seen) : -1;
    if (at >= 0) scrollBy(0, this.layout.boxes[at * 4 + 1] - top);
  }

  #draw() {
    if (this.#items !== this.#pictures.items) this.#layAnew();
    const items = this.#items;
    const [first, end] = this.#near();
    this.#drawn = [first, end];
    const context = { ...this.#context(), total: this.#pictures.total };
    this.#element.classList.toggle("spent", this.#selection.isSpent);
    const shown = items.slice(first, end).map((item, i) => ({ item, index: first + i }));
    this.#keepFilesOf(shown);
    render(
      html`${repeat(shown, ({ item }) => item.key, ({ item, index }) => tile(item, {
        ...context,
        index,
        box: this.#box(index),
        isSelected: this.#selection.has(item),
        isCurrent: this.#selection.cursor === index,
      }))}`,
      this.#element,
    );
    const { cursor } = this.#selection;
    const current = cursor >= first && cursor < end ? items[cursor] : null;
    if (current) this.#element.setAttribute("aria-activedescendant", `tile-${current.key}`);
    else this.#element.removeAttribute("aria-activedescendant");
    this.#pictures.need(first, end);
  }

  /** Indexes of the pictures to draw. */
  #near() {
    const top = scrollY - this.origin.top;
    return between(this.layout, top - BEYOND, top + innerHeight + BEYOND);
  }

  /** Files on their way show themselves while they are drawn. */
  #keepFilesOf(shown) {
    const uploads = new Set(shown.map(({ item }) => item.upload).filter(Boolean));
    for (const upload of this.#uploads) if (!uploads.has(upload)) upload.release();
    for (const upload of uploads) upload.prepare();
    this.#uploads = uploads;
  }

  #box(index) {
    const [x, y, width, height] = this.layout.boxes.subarray(index * 4, index * 4 + 4);
    return { x, y, width, height };
  }
}
