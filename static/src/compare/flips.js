/** The pictures whose verdict flips. */
import { html, nothing, repeat } from "../dom.js";
import { Thumbnails } from "../evaluation/thumbnails.js";
import { plural } from "../words.js";

const SHOWN = 36;
const GROUPS = [
  { agrees: -1, title: "No longer agree with your marks" },
  { agrees: 1, title: "Now agree with your marks" },
  { agrees: 0, title: "Not marked by you" },
];

export function flips(project, draw) {
  const thumbnails = new Thumbnails(project.api, draw);

  return ({ after, flips: { items, total } }) => {
    if (!total) return nothing;
    return html`<section class="block" aria-labelledby="flips-title"><h2 id="flips-title">What flips</h2>
      <p class="quiet">These are the answers each version would give. What it learnt from is easy for it; the figures below are from photos it had not seen.</p>
      ${GROUPS.map(({ agrees, title }) => group(title, items.filter((one) => one.agrees === agrees), after))}
      ${items.length < total ? html`<p class="quiet">The first ${items.length} of ${plural(total, "flip")}.</p>` : nothing}</section>`;
  };

  function group(title, all, after) {
    if (!all.length) return nothing;
    const some = all.slice(0, SHOWN);
    thumbnails.want(some.map((one) => one.image));
    return html`<section aria-label=${title}><h3>${title} <span class="quiet">${all.length}</span></h3>
      <ul class="mistakes small-ones">${repeat(some, (one) => `${one.image} ${one.concept}`, (one) => flip(one, after))}</ul></section>`;
  }

  function flip({ image, concept, present }, after) {
    const picture = thumbnails.get(image);
    return html`<li>
      ${picture ? html`<a href=${picture.image_url} target="_blank"><img src=${picture.thumbnail_url ?? ""} alt=${picture.filename} loading="lazy" /></a>` : html`<span class="gone"></span>`}
      <p title=${`Version ${after}`}>${present ? html`<b>${concept}</b>` : html`not ${concept}`} <span class="quiet">now</span></p></li>`;
  }
}
