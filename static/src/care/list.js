/** A part of the Care page: asks for its list, shows it, and shows it anew when the project changes. */
import { html, nothing, render } from "../dom.js";
import { notify } from "../notice.js";

export class List {
  /** @type {object[] | null} null until they came */
  items = null;
  #element;
  #ask;
  #template;
  #waiting;
  #error = null;
  #asked = 0;
  /** Kept once all that was dealt with has arrived. @type {Promise<unknown>} */
  #arrived = Promise.resolve();

  /**
   * @param {HTMLElement} element
   * @param {object} project
   * @param {{ask: () => Promise<{items: object[]}>, template: (items: object[]) => unknown, waiting?: unknown}} what
   */
  constructor(element, project, { ask, template, waiting = nothing }) {
    this.#element = element;
    this.#ask = ask;
    this.#template = template;
    this.#waiting = waiting;
    project.addEventListener("change", () => this.draw());
  }

  async refresh() {
    this.#asked += 1;
    const mine = this.#asked;
    const told = await this.#told();
    if (mine !== this.#asked) return; // it was asked for again meanwhile
    [this.items, this.#error] = [told.items, told.error];
    this.draw();
  }

  /** What is there once all that was dealt with has arrived: an older answer would bring it back. */
  async #told() {
    const arrived = this.#arrived;
    await arrived;
    const told = await this.#ask().then(({ items }) => ({ items, error: null }), (error) => ({ items: this.items, error }));
    return arrived === this.#arrived ? told : this.#told();
  }

  /** One is dealt with: it goes at once, and comes back where that was refused. */
  async settle(one, work) {
    this.items = this.items.filter((other) => other !== one);
    this.draw();
    const arriving = work();
    this.#arrived = Promise.allSettled([this.#arrived, arriving]);
    try {
      await arriving;
    } catch (error) {
      notify(error.message, { isError: true });
      this.refresh();
    }
  }

  draw() {
    if (this.#error) render(html`<p class="message error" role="alert">${this.#error.message}</p>`, this.#element);
    else render(this.items ? this.#template(this.items) : this.#waiting, this.#element);
  }
}
