/** What the verdicts have changed: how well a concept was found when one came, and now. */
import { html, nothing } from "../dom.js";
import { share } from "../words.js";

export class Effect {
  #began = new Map();
  #project;

  constructor(project) {
    this.#project = project;
  }

  /** Of a concept, its figures at first sight and now; nothing while they are the same. */
  template(concept) {
    const now = this.#project.learnt?.evaluation.concepts.find((one) => one.concept === concept);
    if (!now || now.recall.value == null) return nothing;
    if (!this.#began.has(concept)) this.#began.set(concept, now);
    const before = this.#began.get(concept);
    const changes = [["finds", "recall"], ["right when it says so", "precision"]]
      .map(([text, figure]) => change(text, before[figure], now[figure]))
      .filter(Boolean);
    if (!changes.length) return nothing;
    return html`<p class="effect" role="status">Since you began: ${changes.map((one, i) => html`${i ? ", " : ""}${one}`)}
      <span class="quiet">judged on ${now.support} marked</span></p>`;
  }
}

function change(text, before, now) {
  if (before.value == null || now.value == null || share(before.value) === share(now.value)) return null;
  return html`${text} <b class=${now.value > before.value ? "up" : ""}>${share(before.value)} → ${share(now.value)}</b>`;
}
