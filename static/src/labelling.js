/** Labels are shown at once, sent to the server, and can be taken back without end. */
import { notify } from "./notice.js";
import { Outbox } from "./outbox.js";
import { plural } from "./words.js";

const VALUES = ["positive", "negative", null];
const SENT_ON_LEAVING = 800; // a browser lets a page that is left send 64 kB

/**
 * @typedef {"positive" | "negative" | null} Value
 * @typedef {object} Step
 * @property {number[]} ids of pictures that are shown
 * @property {{images: number[]} | {matching: object}} chosen what the server is told
 * @property {string} concept as it is called now
 * @property {number} [conceptId] known once the concept is
 * @property {boolean} [isGone] whether the concept was deleted
 * @property {Value} value
 * @property {Map<Value, number[]>} shown what was shown of them until then
 * @property {Record<string, number[]> | null} before what the server knew of them until then
 */

export class Labelling extends EventTarget {
  /** @type {Step[]} */
  #done = [];
  /** @type {Step[]} */
  #undone = [];
  #outbox = new Outbox((isAway) => this.#tellAway(isAway));

  /** @param {typeof notify} [tell] */
  constructor(project, pictures, tell = notify) {
    super();
    this.project = project;
    this.pictures = pictures;
    this.tell = tell;
    project.settled = () => this.settled();
    project.addEventListener("change", () => this.#follow());
    addEventListener("pagehide", () => this.#sendOnLeaving());
    addEventListener("beforeunload", (event) => {
      const { length } = this.#outbox.labels;
      if (length > SENT_ON_LEAVING || (length && this.#outbox.isAway)) event.preventDefault();
    });
  }

  /** A concept may get another name, or go: what is sent or undone later is about it as it then is, or not at all. */
  #follow() {
    const names = new Map(this.project.concepts.map(({ id, name }) => [id, name]));
    for (const step of new Set([...this.#done, ...this.#undone, ...this.#outbox.steps])) {
      if (!step.conceptId) step.conceptId = this.project.concept(step.concept)?.id;
      else if (names.has(step.conceptId)) step.concept = names.get(step.conceptId);
      else step.isGone = true;
    }
    const isThere = (step) => !step.isGone;
    [this.#done, this.#undone] = [this.#done.filter(isThere), this.#undone.filter(isThere)];
  }

  /**
   * Say of pictures that they are, or are not, a concept; `null` takes back what was said.
   * @param {number[]} ids
   * @param {object} [matching] the filter that all of them, and no others, match: there may be many
   */
  set(ids, concept, value, matching = null) {
    if (!ids.length) return;
    const chosen = matching ? { matching } : { images: ids };
    const conceptId = this.project.concept(concept)?.id;
    const step = { ids, chosen, concept, conceptId, value, shown: this.#shown(ids, concept), before: null };
    this.#done.push(step);
    this.#undone = [];
    this.#forth(step);
    this.tell(sentence(ids.length, concept, value), { action: "Undo", onAction: () => this.undo() });
    this.dispatchEvent(new CustomEvent("said", { detail: step }));
  }

  /** Whether a picture that is shown is marked as a concept, or as not it. */
  hasSaid(id, concept) {
    return Boolean(this.pictures.byId(id)?.labels?.some((one) => one.concept === concept));
  }

  /** Once all that was said until now has arrived. */
  settled() {
    return this.#outbox.sent;
  }

  undo() {
    const step = this.#done.pop();
    if (!step) return this.tell("There is nothing to undo.");
    this.#undone.push(step);
    this.dispatchEvent(new CustomEvent("takenback", { detail: step }));
    for (const [value, ids] of step.shown) this.pictures.label(ids, step.concept, value);
    this.#send(step, {
      send: async () => {
        for (const value of VALUES) {
          const images = step.before?.[value ?? "none"] ?? [];
          if (images.length) await this.#label({ images }, step, value);
        }
      },
      labels: () => VALUES.flatMap((value) => labelled((step.before ?? shownBefore(step))[value ?? "none"] ?? [], step, value)),
    });
    return this.tell("Taken back.", { action: "Redo", onAction: () => this.redo() });
  }

  redo() {
    const step = this.#undone.pop();
    if (!step) return this.tell("There is nothing to redo.");
    this.#done.push(step);
    this.#forth(step);
    return this.tell("Done again.", { action: "Undo", onAction: () => this.undo() });
  }

  #forth(step) {
    const { ids, chosen, value } = step;
    this.pictures.label(ids, step.concept, value);
    this.#send(step, {
      send: async (isAgain) => {
        const { before } = await this.#label(chosen, step, value);
        const hadArrived = isAgain && !Object.values(before).flat().length; // but its answer was lost
        step.before = hadArrived ? shownBefore(step) : before;
        step.chosen = { images: Object.values(step.before).flat() }; // done again, it is these and no others
      },
      labels: () => labelled(ids, step, value),
    });
  }

  #shown(ids, concept) {
    const shown = new Map(VALUES.map((value) => [value, []]));
    for (const id of ids) {
      const label = this.pictures.byId(id)?.labels?.find((one) => one.concept === concept);
      shown.get(label?.value ?? null).push(id);
    }
    return shown;
  }

  /** Of a concept that is gone nothing is said: the server would make it anew. */
  async #label(chosen, step, value) {
    return step.isGone ? { before: {} } : this.project.api.labelMany(chosen, step.concept, value);
  }

  #send(step, letter) {
    const { ids } = step;
    this.#outbox.put({ step, ...letter }, (error) => {
      this.pictures.saved(ids);
      if (error) this.tell(`Not saved: ${error.message}`, { isError: true });
      if (error || step.isGone) this.pictures.restore(ids);
      this.project.refreshSoon();
    });
  }

  /** The page is left before all has arrived: the rest goes in one request that outlives it. */
  #sendOnLeaving() {
    const { labels } = this.#outbox;
    if (labels.length) this.project.api.setLabelsOnLeaving(labels).catch(() => { /* nobody is left to tell */ });
  }

  #tellAway(isAway) {
    if (isAway) this.tell("The server cannot be reached. What you mark is kept here until it is back.", { isError: true });
    else this.tell("The server is back, and has what you marked.");
  }
}

function labelled(ids, { concept, isGone }, value) {
  return isGone ? [] : ids.map((image) => ({ image, concept, value }));
}

/** What was shown of a step's pictures until then, as the server tells it. @param {Step} step */
function shownBefore({ shown, value: said }) {
  return Object.fromEntries([...shown].filter(([value]) => value !== said).map(([value, ids]) => [value ?? "none", ids]));
}

function sentence(count, concept, value) {
  const pictures = plural(count, "photo");
  if (value === null) return `Took “${concept}” off ${pictures}.`;
  return `Marked ${pictures} ${value === "negative" ? "not " : ""}${concept}.`;
}
