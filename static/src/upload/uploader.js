/** Sends files, a few at a time. One that fails harms no other; a lost server is waited for. */
import { fetcher, TaskQueue } from "@uppy/core/utils";
import { csrfToken, errorFrom } from "../api.js";
import { oncePerFrame } from "../dom.js";
import { size } from "../words.js";
import { Arrival } from "./arrival.js";

const AT_ONCE = 3; // a browser opens six connections, and the page wants some too
const FIRST_SHOWN = 60;
const SHOWN_AT_ONCE = 400;
const ASK_AGAIN_AFTER = 2000; // ms, while the server is away
const AWAY = new Set([0, 502, 503, 504]);

export class Uploader extends EventTarget {
  /** @type {Arrival[]} everything of this visit, until dismissed */
  arrivals = [];
  isPaused = false;
  isServerAway = false;
  #queue = new TaskQueue({ concurrency: AT_ONCE });
  #project;
  #pictures;
  #options;

  /**
   * @param {{maxBytes: number, showsArrivals: () => boolean}} options
   */
  constructor(project, pictures, options) {
    super();
    this.#project = project;
    this.#pictures = pictures;
    this.#options = options;
    this.changed = oncePerFrame(() => {
      this.dispatchEvent(new Event("change"));
      pictures.touched();
    });
    addEventListener("beforeunload", (event) => {
      if (this.isBusy) event.preventDefault();
    });
  }

  get isBusy() {
    return this.arrivals.some((arrival) => arrival.state === "waiting" || arrival.state === "sending");
  }

  of(...states) {
    return this.arrivals.filter((arrival) => states.includes(arrival.state));
  }

  /** @param {File[]} files */
  async add(files) {
    const arrivals = files.filter((file) => !isHidden(file)).map((file) => new Arrival(file));
    this.arrivals = [...this.arrivals, ...arrivals];
    this.changed();
    const sent = [];
    let after = null;
    for (let start = 0, end = FIRST_SHOWN; start < arrivals.length; start = end, end += SHOWN_AT_ONCE) {
      const some = arrivals.slice(start, end);
      after = await this.#show(some, after);
      sent.push(...some.map((arrival) => this.#start(arrival)));
    }
    await Promise.all(sent);
    this.dispatchEvent(new CustomEvent("finished", { detail: arrivals }));
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
    this.arrivals = this.of("waiting", "sending");
    this.changed();
  }

  /** Put the files' pictures into the gallery, after those of the same drop; return the last. */
  async #show(arrivals, after) {
    if (!this.#options.showsArrivals()) return after;
    const items = await Promise.all(arrivals.map((arrival) => arrival.asPicture()));
    this.#pictures.addArriving(items, after);
    return items.at(-1);
  }

  async #start(arrival) {
    if (arrival.size > this.#options.maxBytes) {
      this.#fail(arrival, `This file has ${size(arrival.size)}; the most is ${size(this.#options.maxBytes)}.`);
      return;
    }
    if (!arrival.size) {
      this.#fail(arrival, "This file is empty.");
      return;
    }
    Object.assign(arrival, { state: "waiting", progress: 0, message: "" });
    this.changed();
    await this.#queue.add(() => this.#send(arrival)).catch((error) => this.#fail(arrival, error.message, true));
  }

  async #send(arrival) {
    arrival.state = "sending";
    const form = new FormData();
    form.append("file", arrival.file, arrival.name);
    try {
      const request = await fetcher(this.#project.api.uploadUrl, {
        method: "POST",
        body: form,
        headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" },
        shouldRetry: () => false,
        onUploadProgress: ({ loaded, total }) => {
          arrival.progress = total ? loaded / total : 0;
          this.changed();
        },
      });
      this.#arrived(arrival, JSON.parse(request.responseText));
    } catch (error) {
      await this.#failed(arrival, error.request);
    }
  }

  #arrived(arrival, answer) {
    const [refused] = answer.errors;
    const [image] = answer.images;
    if (refused) {
      this.#fail(arrival, refused.message);
      return;
    }
    arrival.state = image.duplicate ? "duplicate" : "done";
    arrival.imageId = image.id;
    arrival.message = image.duplicate ? "It is here already." : "";
    if (arrival.item) this.#pictures.arrived(arrival.item, image);
    this.changed();
  }

  async #failed(arrival, request) {
    const status = request?.status ?? 0;
    if (!AWAY.has(status)) {
      let body = null;
      try {
        body = JSON.parse(request.responseText);
      } catch { /* not our server's answer: the status says enough */ }
      this.#fail(arrival, errorFrom(status, body).message, status >= 500);
      return;
    }
    arrival.state = "waiting";
    arrival.progress = 0;
    await this.#serverIsBack();
    await this.#send(arrival);
  }

  async #serverIsBack() {
    this.isServerAway = true;
    this.changed();
    let isThere = false;
    while (!isThere) {
      await new Promise((resolve) => { setTimeout(resolve, ASK_AGAIN_AFTER); });
      isThere = await fetch("/healthz", { cache: "no-store" }).then((answer) => answer.ok, () => false);
    }
    this.isServerAway = false;
    this.changed();
  }

  #fail(arrival, message, canRetry = false) {
    Object.assign(arrival, { state: "failed", message, canRetry });
    this.changed();
  }
}

/** What systems leave in folders: nobody means to upload it. */
function isHidden(file) {
  return file.name.startsWith(".") || /^(thumbs\.db|desktop\.ini)$/i.test(file.name);
}
