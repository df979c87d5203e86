/** Who answers on the Try it page: the version that is shown, another one, or the general model. */
import { html, live, nothing } from "../dom.js";
import { listed } from "../words.js";

const GENERAL = "general";
const STAGES = { live: "live", preview: "in preview" };
const NOBODY = { concept: () => undefined };

export class Who {
  /** @type {{number: number, name: string, stage: string, concepts: object[]}[]} newest first */
  #versions = [];
  #project;
  #chosen = "";
  #known = 0;

  /** @param {object} project @param {() => void} redraw */
  constructor(project, redraw) {
    this.#project = project;
    const asked = new URLSearchParams(location.search);
    this.#chosen = asked.get("model") === GENERAL ? GENERAL : asked.get("version") ?? "";
    project.addEventListener("change", async () => {
      const newest = project.version?.number ?? 0;
      if (newest === this.#known) return;
      this.#known = newest;
      this.#versions = (await project.api.versionHistory().catch(() => ({ versions: [] }))).versions;
      redraw();
    });
  }

  get isGeneral() {
    return this.#chosen === GENERAL || !this.#project.version;
  }

  /** What to ask the API for. */
  get query() {
    return this.isGeneral ? { model: GENERAL } : { version: Number(this.#chosen) || this.#project.version.number };
  }

  /** Whose concepts the answers are about, and from where each counts in the version that answers:
   * the general model's tags are not the project's. */
  get concepts() {
    if (this.isGeneral) return NOBODY;
    const taught = new Map((this.#version?.concepts ?? []).map(({ name, threshold }) => [name, threshold]));
    return { concept: (name) => ({ ...this.#project.concept(name), threshold: taught.get(name) }) };
  }

  get #version() {
    const newest = this.#project.version;
    return this.#chosen ? this.#versions.find((one) => String(one.number) === this.#chosen) : newest;
  }

  /** Names of concepts that were marked, but that who answers never learnt. */
  get #unknown() {
    if (this.isGeneral || !this.#version) return [];
    const taught = new Set(this.#version.concepts.map((one) => one.id));
    return this.#project.concepts.filter((one) => one.positives && !taught.has(one.id)).map((one) => one.name);
  }

  /** In words, to say beside an answer whose it is; empty where nothing was chosen. */
  get words() {
    if (this.isGeneral) return "General model";
    return this.#chosen ? `Version ${this.#chosen}` : "";
  }

  template(redraw) {
    const shown = this.#project.version?.number;
    const options = [
      ...(shown ? [["", `This project, version ${shown}`]] : []),
      ...this.#versions.filter((one) => one.number !== shown).map((one) => [String(one.number), named(one)]),
      [GENERAL, "General model: everyday things"],
    ];
    const value = this.isGeneral ? GENERAL : this.#chosen;
    const unknown = this.#unknown;
    return html`<label class="who">Who answers
        <select .value=${live(value)} @change=${(event) => { this.#chosen = event.target.value; redraw(); }}>
          ${options.map(([one, text]) => html`<option value=${one} ?selected=${one === value}>${text}</option>`)}
        </select></label>
      ${this.isGeneral ? html`<p class="quiet hint">${shown ? nothing : "Nothing is taught here yet. "}The general model knows over a thousand everyday things that nobody had to teach it.</p>` : nothing}
      ${unknown.length ? html`<p class="quiet hint">It has not learnt ${listed(unknown)} yet. Train, and the next version has.</p>` : nothing}`;
  }
}

function named({ number, name, stage }) {
  const more = [name, STAGES[stage]].filter(Boolean).join(", ");
  return `Version ${number}${more ? ` (${more})` : ""}`;
}
