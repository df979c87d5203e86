/** Sends files, a few at a time. One that fails harms no other; what is not sent when the page is
 * left goes on when it is opened again. */
import { TaskQueue } from "@uppy/core/utils";
import { oncePerFrame } from "../dom.js";
import { size } from "../words.js";
import { Arrival } from "./arrival.js";
import { canHash, sha256 } from "./checksum.js";
import { Pending } from "./pending.js";
import { Sender } from "./sender.js";

const AT_ONCE = 3; // a browser opens six connections, and the page wants some too
const FIRST_SHOWN = 60;
const SHOWN_AT_ONCE = 400;
const ASKED_AT_ONCE = 50;

export class Uploader extends EventTarget {
  /** @type {Arrival[]} everything of this visit, until dismissed */
  arrivals = [];
  /** Files of an earlier visit that have to be chosen again. @type {import("./pending.js").Kept[]} */
  missing = [];
  isPaused = false;
  #queue = new TaskQueue({ concurrency: AT_ONCE });
  #project;
  #pictures;
  #options;
  #pending;
  #sender;

  /**
   * @param {{maxBytes: number, showsArrivals: () => boolean}} options
   */
  constructor(project, pictures, options) {
    super();
    this.#project = project;
    this.#pictures = pictures;
    this.#options = options;
    this.#pending = new Pending(project.id);
    this.changed = oncePerFrame(() => {
      this.dispatchEvent(new Event("change"));
      pictures.touched();
    });
    this.#sender = new Sender(project.api.uploadUrl, this.changed);
    addEventListener("beforeunload", (event) => {
      if (this.isBusy && !this.#pending.isComplete) event.preventDefault();
    });
  }

  get isBusy() {
    return this.arrivals.some((arrival) => arrival.state === "waiting" || arrival.state === "sending");
  }

  get isServerAway() {
    return this.#sender.isServerAway;
  }

  of(...states) {
    return this.arrivals.filter((arrival) => states.includes(arrival.state));
  }

  /** @param {File[]} files */
  async add(files) {
    const arrivals = files.filter((file) => !isHidden(file)).map((file) => new Arrival(file));
    this.#found(arrivals);
    this.#pending.keep(arrivals);
    await this.#take(arrivals);
  }

  /** Go on with what an earlier visit left. */
  async goOn() {
    const left = await this.#pending.left();
    this.missing = left.filter((kept) => !kept.file);
    const arrivals = left.filter((kept) => kept.file).map((kept) => Arrival.again(kept));
    if (left.length) this.changed();
    if (arrivals.length) await this.#take(arrivals);
  }

  pause() {
    this.isPaused = true;
    this.#queue.pause();
    this.changed();
  }

  resume() {
    this.isPaused = false;
    this.#queue.resume();
    this.changed();
  }

  /** @param {Arrival[]} arrivals */
  retry(arrivals) {
    for (const arrival of arrivals) this.#start(arrival);
  }

  /** Forget what is over. */
  dismiss() {
    this.#pictures.remove(this.of("failed").map((arrival) => arrival.item).filter(Boolean));
    this.#pending.forget(this.missing.map((kept) => kept.key));
    for (const arrival of this.of("failed")) this.#pending.settle(arrival);
    this.missing = [];
    this.arrivals = this.of("waiting", "sending");
    this.changed();
  }

  async #take(arrivals) {
    this.arrivals = [...this.arrivals, ...arrivals];
    this.changed();
    const mayBeHere = this.#project.counts.total > 0 || !this.#project.summary;
    const sent = [];
    let after = null;
    for (let start = 0, end = FIRST_SHOWN; start < arrivals.length; start = end, end += SHOWN_AT_ONCE) {
      const some = arrivals.slice(start, end);
      after = await this.#show(some, after);
      if (mayBeHere) await this.#skipKnown(some);
      sent.push(...some.filter((arrival) => arrival.state === "waiting").map((arrival) => this.#start(arrival)));
    }
    await Promise.all(sent);
    this.dispatchEvent(new CustomEvent("finished", { detail: arrivals }));
  }

  /** Files that were asked for again. */
  #found(arrivals) {
    if (!this.missing.length) return;
    const here = new Set(arrivals.map((arrival) => nameOf(arrival.file)));
    const found = this.missing.filter((kept) => here.has(nameOf(kept)));
    this.#pending.forget(found.map((kept) => kept.key));
    this.missing = this.missing.filter((kept) => !found.includes(kept));
  }

  /** Put the files' pictures into the gallery, after those of the same drop; return the last. */
  async #show(arrivals, after) {
    if (!this.#options.showsArrivals()) return after;
    const items = await Promise.all(arrivals.map((arrival) => arrival.asPicture()));
    this.#pictures.addArriving(items, after);
    return items.at(-1);
  }

  /** What the server has by its checksum need not be sent. */
  async #skipKnown(arrivals) {
    if (!canHash) return;
    const asked = arrivals.filter((arrival) => arrival.size <= this.#options.maxBytes);
    for (let start = 0; start < asked.length; start += ASKED_AT_ONCE) {
      const bySum = new Map();
      for (const arrival of asked.slice(start, start + ASKED_AT_ONCE)) {
        const sum = await sha256(arrival.file).catch(() => null); // sending it will say what is wrong
        if (sum) bySum.set(sum, [...(bySum.get(sum) ?? []), arrival]);
      }
      const known = await this.#project.api.known([...bySum.keys()]).catch(() => []);
      for (const record of known) {
        for (const arrival of bySum.get(record.sha256)) this.#arrived(arrival, { ...record, duplicate: true });
      }
    }
  }

  async #start(arrival) {
    const problem = this.#problem(arrival);
    if (problem) {
      this.#fail(arrival, problem);
      return;
    }
    Object.assign(arrival, { state: "waiting", progress: 0, message: "" });
    this.changed();
    await this.#queue.add(() => this.#send(arrival)).catch((error) => {
      this.#fail(arrival, error.message, !(error.status < 500));
    });
  }

  #problem({ size: bytes }) {
    const { maxBytes } = this.#options;
    if (bytes > maxBytes) return `This file has ${size(bytes)}; the most is ${size(maxBytes)}.`;
    return bytes ? "" : "This file is empty.";
  }

  async #send(arrival) {
    arrival.state = "sending";
    const { errors: [refused], images: [image] } = await this.#sender.send(arrival.file, arrival.name, (share) => {
      arrival.progress = share;
      this.changed();
    });
    if (refused) this.#fail(arrival, refused.message);
    else this.#arrived(arrival, image);
  }

  #arrived(arrival, image) {
    const isDouble = image.duplicate && !arrival.isAgain;
    arrival.state = isDouble ? "duplicate" : "done";
    arrival.imageId = image.id;
    arrival.message = isDouble ? "It is here already." : "";
    this.#pending.settle(arrival);
    if (arrival.item) this.#pictures.arrived(arrival.item, image);
    this.changed();
  }

  #fail(arrival, message, canRetry = false) {
    Object.assign(arrival, { state: "failed", message, canRetry });
    if (!canRetry) this.#pending.settle(arrival);
    this.changed();
  }
}

/** What systems leave in folders: nobody means to upload it. */
function isHidden(file) {
  return file.name.startsWith(".") || /^(thumbs\.db|desktop\.ini)$/i.test(file.name);
}

function nameOf({ name, size: bytes, lastModified }) {
  return `${name} ${bytes} ${lastModified}`;
}
