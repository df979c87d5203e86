/** What the page knows of its project: one summary, kept fresh by the server's events. */
import { projectApi } from "./api.js";
import { debounced } from "./dom.js";

const LOST_AFTER = 4000; // ms without a connection before we say so

export class Project extends EventTarget {
  /** The API's summary; null until it came. */
  summary = null;
  isConnected = true;
  isSignedOut = false;
  #lost = 0;
  #asked = 0;
  #answered = 0;
  /** @type {EventSource | null} */
  #source = null;

  constructor(id) {
    super();
    this.id = id;
    this.api = projectApi(id);
    this.refreshSoon = debounced(() => this.refresh(), 60, 500);
  }

  get concepts() {
    return this.summary?.concepts ?? [];
  }

  get version() {
    return this.summary?.version ?? null;
  }

  /** What the shown probabilities come from: the draft of the last changes, or the version. */
  get learnt() {
    return this.summary?.draft ?? this.version;
  }

  /** Ids of marked pictures on which what was learnt disagrees, the surest disagreement first. */
  mistakes(concept) {
    return this.#wrong(concept).map((one) => one.image);
  }

  /** What is said of a marked picture that was not learnt from, where it disagrees. @returns {{probability: number} | undefined} */
  mistake(concept, image) {
    return this.#wrong(concept).find((one) => one.image === image);
  }

  #wrong(concept) {
    return (this.learnt?.evaluation.wrong ?? []).filter((one) => one.concept === concept);
  }

  get counts() {
    return this.summary?.counts ?? { total: 0, ready: 0, pending: 0, failed: 0 };
  }

  /** Names differ by more than their case. */
  concept(name) {
    const wanted = name.toLowerCase();
    return this.concepts.find((concept) => concept.name.toLowerCase() === wanted);
  }

  /** Whether the person's part in the project lets them. @param {"label" | "edit" | "train" | "manage"} right */
  may = (right) => document.body.dataset.rights.split(" ").includes(right);

  /** Once all that was said on this page has arrived; where things are said, it waits for them. */
  settled = async () => {};

  /** The teaching that waits or runs, if any. */
  get teaching() {
    return this.summary?.jobs.find((job) => job.kind === "teach" && ["queued", "running"].includes(job.state));
  }

  colourOf = (name) => this.concept(name)?.colour ?? "var(--ink-2)";

  async refresh() {
    this.#asked += 1;
    const mine = this.#asked;
    try {
      const summary = await this.api.summary();
      if (mine < this.#answered) return; // one that was asked for later is here already
      this.#answered = mine;
      this.summary = summary;
      this.dispatchEvent(new Event("change"));
    } catch (error) {
      if (error.status === 404) location.assign("/");
      else if (error.status === 401) this.#signedOut();
      else setTimeout(this.refreshSoon, LOST_AFTER);
    }
  }

  /**
   * Follow what happens in the project, here and elsewhere, while somebody looks: a browser opens
   * six connections to a server, and a stream holds one for every page that is open.
   */
  listen() {
    addEventListener("visibilitychange", () => this.#follow());
    this.#follow();
  }

  /** Nothing more is asked for: it would be refused. */
  #signedOut() {
    this.isSignedOut = true;
    this.#follow();
    this.dispatchEvent(new Event("change"));
  }

  #follow() {
    if (document.hidden || this.isSignedOut) {
      this.#source?.close();
      this.#source = null;
    } else {
      this.#source ??= this.#open();
    }
  }

  #open() {
    const source = new EventSource(this.api.eventsUrl);
    source.addEventListener("project", (message) => {
      this.#reached();
      this.refreshSoon();
      this.dispatchEvent(new CustomEvent("happened", { detail: JSON.parse(message.data) }));
    });
    source.addEventListener("open", () => this.#reached());
    source.addEventListener("error", () => {
      this.#lost ||= setTimeout(() => this.#setConnected(false), LOST_AFTER);
      if (source.readyState !== EventSource.CLOSED) return; // it tries again by itself
      this.#source = null;
      setTimeout(() => this.refresh().then(() => this.#follow()), LOST_AFTER);
    });
    return source;
  }

  #reached() {
    clearTimeout(this.#lost);
    this.#lost = 0;
    this.#setConnected(true);
  }

  #setConnected(isConnected) {
    if (this.isConnected === isConnected) return;
    this.isConnected = isConnected;
    this.dispatchEvent(new Event("change"));
  }
}
