/** What the page knows of its project: one summary, kept fresh by the server's events. */
import { projectApi } from "./api.js";
import { debounced } from "./dom.js";

const LOST_AFTER = 4000; // ms without a connection before we say so

export class Project extends EventTarget {
  /** The API's summary; null until it came. */
  summary = null;
  isConnected = true;
  #lost = 0;

  constructor(id) {
    super();
    this.id = id;
    this.api = projectApi(id);
    this.refreshSoon = debounced(() => this.refresh(), 150, 900);
  }

  get concepts() {
    return this.summary?.concepts ?? [];
  }

  get version() {
    return this.summary?.version ?? null;
  }

  get counts() {
    return this.summary?.counts ?? { total: 0, ready: 0, pending: 0, failed: 0 };
  }

  concept(name) {
    return this.concepts.find((concept) => concept.name === name);
  }

  /** The teaching that waits or runs, if any. */
  get teaching() {
    return this.summary?.jobs.find((job) => job.kind === "teach" && ["queued", "running"].includes(job.state));
  }

  colourOf = (name) => this.concept(name)?.colour ?? "var(--ink-2)";

  async refresh() {
    try {
      this.summary = await this.api.summary();
      this.dispatchEvent(new Event("change"));
    } catch (error) {
      if (error.status === 404) location.assign("/");
    }
  }

  /** Follow what happens in the project, here and elsewhere. */
  listen() {
    const source = new EventSource(this.api.eventsUrl);
    source.addEventListener("project", (message) => {
      const event = JSON.parse(message.data);
      this.#reached();
      this.refreshSoon();
      this.dispatchEvent(new CustomEvent("happened", { detail: event }));
    });
    source.addEventListener("open", () => this.#reached());
    source.addEventListener("error", () => {
      this.#lost ||= setTimeout(() => this.#setConnected(false), LOST_AFTER);
      if (source.readyState === EventSource.CLOSED) {
        setTimeout(() => this.listen(), LOST_AFTER);
      }
    });
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
