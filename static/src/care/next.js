/** The photos whose marks would teach most, and whether more are worth the trouble. */
import { html, nothing, render, repeat } from "../dom.js";
import { percent } from "../words.js";

/** @param {HTMLElement} element @param {object} project */
export function next(element, project) {
  let items = null;
  let error = null;
  const draw = () => render(template(), element);
  project.addEventListener("change", draw);
  return { refresh };

  async function refresh() {
    try {
      ({ items } = await project.api.teachMost());
      error = null;
    } catch (problem) {
      error = problem;
    }
    draw();
  }

  function template() {
    if (error) return html`<p class="message error" role="alert">${error.message}</p>`;
    if (!items) return nothing;
    if (!items.length) return html`<p class="quiet">Every photo is marked.</p>`;
    const ids = items.map((item) => item.id).join(",");
    return html`${enough(project.version?.evaluation.learning_curve)}
      <p class="strip">${repeat(items, (item) => item.id, (item) => html`<a href="../?photo=${item.id}"><img src=${item.thumbnail_url ?? ""} alt=${item.filename} /></a>`)}</p>
      <p><a class="button" href="../?q=${encodeURIComponent(`id:${ids}`)}">Mark these ${items.length}</a></p>`;
  }
}

function enough(curve) {
  if (curve?.gain == null) return nothing;
  const points = 100 * curve.gain;
  return html`<p>${points < 0.5 ? "More examples would hardly help." : html`About ${curve.more} more examples per concept should raise
    how often it is right by ${points.toFixed(1)} points, from ${percent(curve.accuracy.at(-1))}.`}</p>`;
}
