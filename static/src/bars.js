/** Probabilities as bars, with a mark where each concept counts as present. */
import { classMap, html, nothing, styles } from "./dom.js";
import { percent } from "./words.js";

const SHOWN = 12;

/**
 * @param {{concept?: string, name?: string, probability: number, present: boolean}[]} said best first
 * @param {import("./project.js").Project} project
 */
export function bars(said, project) {
  return html`
    ${said.some((one) => one.present) ? nothing : html`<p class="none">None of these.</p>`}
    <ul class="bars">${said.slice(0, SHOWN).map((one) => bar(one, project))}</ul>`;
}

function bar(one, project) {
  const name = one.concept ?? one.name;
  const concept = project.concept(name);
  const threshold = concept?.threshold;
  return html`<li class=${classMap({ present: one.present })} ${styles({ "--concept": concept?.colour ?? "var(--ink-2)" })}>
    <span class="name">${name}</span>
    <span class="value">${percent(one.probability)}</span>
    <span class="bar"><i ${styles({ transform: `scaleX(${one.probability})` })}></i>
      ${threshold == null ? nothing : html`<b title="From here on it counts as ${name}" ${styles({ left: `${threshold * 100}%` })}></b>`}</span>
  </li>`;
}
