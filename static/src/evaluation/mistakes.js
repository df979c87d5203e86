/** Pictures that were judged otherwise than they are marked: one of the two is wrong. */
import { html, nothing, repeat } from "../dom.js";
import { notify } from "../notice.js";
import { percent } from "../words.js";
import { Thumbnails } from "./thumbnails.js";

const SHOWN = 24;

export function mistakes({ project, draw }) {
  const thumbnails = new Thumbnails(project.api, draw);
  /** What was said here, by picture and concept. */
  const said = new Map();
  const shown = new Map();

  function template(title, all, concept, label) {
    if (!all.length) return nothing;
    const most = shown.get(title) ?? SHOWN;
    const some = all.slice(0, most);
    thumbnails.want(some.map((judged) => judged.image));
    return html`<section aria-label=${title}>
      <h3>${title} <span class="quiet">${all.length}</span></h3>
      <ul class="mistakes">${repeat(some, (judged) => judged.image, (judged) => mistake(judged, concept, label))}</ul>
      ${all.length > most ? html`<button class="button small" @click=${() => { shown.set(title, most + SHOWN); draw(); }}>More</button>` : nothing}
    </section>`;
  }

  function mistake(judged, concept, label) {
    const picture = thumbnails.get(judged.image);
    const key = `${judged.image} ${concept}`;
    const done = said.get(key) ?? (judged.now === -label ? "You changed this mark since." : "");
    return html`<li>
      ${picture ? html`<a href=${picture.image_url} target="_blank"><img src=${picture.thumbnail_url ?? ""} alt=${picture.filename} loading="lazy" /></a>`
        : html`<span class="gone">${judged.image === null ? "deleted" : nothing}</span>`}
      <p>${percent(judged.probability)} <span class="quiet">sure</span></p>
      ${done ? html`<p class="quiet">${done}</p>` : judged.image === null ? nothing : html`
        <button class="button small" @click=${() => say(judged, concept, -label, "Marked anew: train to learn it.")}>The label is wrong</button>
        <button class="button small" @click=${() => say(judged, concept, label, "Mark confirmed.")}>The model is wrong</button>`}
    </li>`;
  }

  /** Both are marks: one turns what was said, the other says it again where it only followed. */
  async function say(judged, concept, value, told) {
    const label = { image: judged.image, concept, value: value > 0 ? "positive" : "negative" };
    try {
      await project.api.setLabels([label]);
      said.set(`${judged.image} ${concept}`, told);
    } catch (error) {
      notify(error.message, { isError: true });
    }
    draw();
  }

  return { template };
}
