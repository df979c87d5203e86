/** Who answers on the Try it page: the version that is shown, another one, or the general model. */
import { html, live, nothing } from "../dom.js";

const GENERAL = "general";
const STAGES = { live: "live", preview: "in preview" };
const NOBODY = { concept: () => undefined };

export class Who {
  /** @type {{number: number, name: string, stage: string}[]} newest first */
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

  /** Whose concepts the answers are about: the general model's tags are not the project's. */
  get concepts() {
    return this.isGeneral ? NOBODY : this.#project;
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
    return html`<label class="who">Who answers
        <select .value=${live(value)} @change=${(event) => { this.#chosen = event.target.value; redraw(); }}>
          ${options.map(([one, text]) => html`<option value=${one} ?selected=${one === value}>${text}</option>`)}
        </select></label>
      ${this.isGeneral ? html`<p class="quiet hint">${shown ? nothing : "Nothing is taught here yet. "}The general model knows over a thousand everyday things that nobody had to teach it.</p>` : nothing}`;
  }
}

function named({ number, name, stage }) {
  const more = [name, STAGES[stage]].filter(Boolean).join(", ");
  return `Version ${number}${more ? ` (${more})` : ""}`;
}
