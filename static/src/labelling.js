/** Labels are shown at once, sent to the server, and can be taken back without end. */
import { notify } from "./notice.js";
import { plural } from "./words.js";

/**
 * @typedef {{image: number, concept: string, value: "positive" | "negative" | null}} Change
 * @typedef {{forth: Change[], back: Change[]}} Step
 */

export class Labelling {
  /** @type {Step[]} */
  #done = [];
  /** @type {Step[]} */
  #undone = [];
  #sending = Promise.resolve();

  constructor(project, pictures) {
    this.project = project;
    this.pictures = pictures;
  }

  /** Say of pictures that they are, or are not, a concept; `null` takes back what was said. */
  set(ids, concept, value) {
    if (!ids.length) return;
    const forth = ids.map((image) => ({ image, concept, value }));
    const back = ids.map((image) => ({ image, concept, value: this.#valueOf(image, concept) }));
    this.#done.push({ forth, back });
    this.#undone = [];
    this.#apply(forth);
    notify(sentence(ids.length, concept, value), { action: "Undo", onAction: () => this.undo() });
  }

  undo() {
    const step = this.#done.pop();
    if (!step) return notify("There is nothing to undo.");
    this.#undone.push(step);
    this.#apply(step.back);
    return notify("Taken back.", { action: "Redo", onAction: () => this.redo() });
  }

  redo() {
    const step = this.#undone.pop();
    if (!step) return notify("There is nothing to redo.");
    this.#done.push(step);
    this.#apply(step.forth);
    return notify("Done again.", { action: "Undo", onAction: () => this.undo() });
  }

  #valueOf(id, concept) {
    const labels = this.pictures.byId(id)?.labels ?? [];
    return labels.find((label) => label.concept === concept)?.value ?? null;
  }

  /** One request after the other: what was said last must arrive last. */
  #apply(changes) {
    this.#show(changes);
    this.#sending = this.#sending.then(() => this.#send(changes));
  }

  async #send(changes) {
    try {
      await this.project.api.setLabels(changes);
    } catch (error) {
      notify(`Not saved: ${error.message}`, { isError: true });
      await this.pictures.sync(changes.map((change) => change.image)).catch(() => {});
    }
    this.project.refreshSoon();
  }

  #show(changes) {
    const groups = Map.groupBy
      ? Map.groupBy(changes, (change) => `${change.value} ${change.concept}`)
      : new Map(changes.map((change, i) => [i, [change]]));
    for (const group of groups.values()) {
      const [{ concept, value }] = group;
      this.pictures.label(group.map((change) => change.image), concept, value);
    }
  }
}

function sentence(count, concept, value) {
  const pictures = plural(count, "picture");
  if (value === null) return `Took “${concept}” off ${pictures}.`;
  return `Marked ${pictures} ${value === "negative" ? "not " : ""}${concept}.`;
}
