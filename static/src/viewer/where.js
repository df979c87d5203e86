/** The picture of where a concept is in a picture, asked for when somebody wants to see it. */

export class Where extends EventTarget {
  /** The concept whose place is shown, or empty. */
  concept = "";
  /** Address of what to lay over the picture, once it is there. */
  url = "";
  isLooking = false;
  error = "";
  #project;
  #draw;
  #item = null;
  #asked = 0;

  constructor(project, draw) {
    super();
    this.#project = project;
    this.#draw = draw;
  }

  lookAt(item) {
    this.#item = item;
    this.#ask();
  }

  /** Show where a concept is; shown already, show it no more. */
  toggle(concept = this.#project.learnt?.concepts[0]?.name ?? "") {
    this.concept = this.concept === concept || (this.concept && arguments.length === 0) ? "" : concept;
    this.#ask();
  }

  /** Something else was learned: what is shown may lie elsewhere. */
  forget() {
    if (this.concept && this.#learnt !== this.#project.learnt?.created_at) this.#ask();
  }

  #learnt = "";

  async #ask() {
    this.#asked += 1;
    const mine = this.#asked;
    this.#learnt = this.#project.learnt?.created_at;
    URL.revokeObjectURL(this.url);
    Object.assign(this, { url: "", error: "", isLooking: Boolean(this.concept && this.#item?.id) });
    this.#draw();
    if (!this.isLooking) return;
    const answer = await this.#project.api.where(this.#item.id, this.concept).catch((error) => ({ error }));
    if (mine !== this.#asked) return;
    this.isLooking = false;
    if (answer.error) this.error = answer.error.message;
    else this.url = URL.createObjectURL(answer);
    this.#draw();
  }
}
