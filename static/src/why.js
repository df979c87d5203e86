/** Why a picture scores as it does: the marked pictures that pulled it up and down most. */
import { html, nothing, repeat, styles } from "./dom.js";
import { Thumbnails } from "./evaluation/thumbnails.js";

/** @param {import("./project.js").Project} project */
export function reasons(project, draw) {
  const thumbnails = new Thumbnails(project.api, draw);
  /** @type {{image: number, concept: string, said: object | null, problem: string} | null} */
  let asked = null;

  async function ask(image, concept) {
    const mine = { image, concept, said: null, problem: "" };
    asked = mine;
    draw();
    try {
      mine.said = await project.api.why(image, concept);
      thumbnails.want(mine.said.pictures.map((one) => one.image));
    } catch (error) {
      mine.problem = error.message;
    }
    draw();
  }

  return function template(item) {
    const names = (item.predictions ?? []).map((one) => one.concept);
    if (!item.id || !names.length) return nothing;
    const mine = asked?.image === item.id ? asked : null;
    return html`<h3>Why?</h3>
      <div class="why-of" role="group" aria-label="Why">${names.slice(0, 6).map((name) => html`<button class="button small"
        aria-pressed=${mine?.concept === name} @click=${() => ask(item.id, name)}>${name}</button>`)}</div>
      ${mine ? answer(mine) : nothing}`;
  };

  function answer({ concept, said, problem }) {
    if (problem) return html`<p class="quiet">${problem}</p>`;
    if (!said) return html`<p class="quiet">One moment…</p>`;
    const up = said.pictures.filter((one) => one.pull > 0);
    const down = said.pictures.filter((one) => one.pull <= 0).toReversed();
    const most = Math.max(...said.pictures.map((one) => Math.abs(one.pull)), Math.abs(said.background), 1e-9);
    return html`
      ${list(`Speak for ${concept}`, up, most)}
      ${list(`Speak against ${concept}`, down, most)}
      <ul class="pulls rest">${other("Everyday photos", said.background, most)}${other("All other marks", said.others + said.deleted, most)}</ul>`;
  }

  function list(title, pictures, most) {
    if (!pictures.length) return nothing;
    return html`<p class="quiet">${title}</p><ul class="pulls">${repeat(pictures, (one) => one.image, (one) => {
      const picture = thumbnails.get(one.image);
      return html`<li title=${picture?.filename ?? ""}>
        ${picture ? html`<img src=${picture.thumbnail_url ?? ""} alt=${picture.filename} />` : html`<span class="gone"></span>`}
        ${pull(one.pull, most)}</li>`;
    })}</ul>`;
  }
}

function other(name, value, most) {
  return html`<li><span>${name}</span>${pull(value, most)}</li>`;
}

function pull(value, most) {
  const text = `${value > 0 ? "+" : "−"}${Math.abs(value).toFixed(2)}`;
  return html`<span class="pull ${value > 0 ? "up" : "down"}"><i ${styles({ transform: `scaleX(${Math.abs(value) / most})` })}></i><b>${text}</b></span>`;
}
