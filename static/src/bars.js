/** Probabilities as bars, with a mark where each concept counts as a match. */
import { ScanSearch } from "lucide";
import { classMap, html, icon, nothing, styles } from "./dom.js";
import { percent } from "./words.js";

const SHOWN = 12;

/**
 * @param {{concept?: string, name?: string, probability: number, present: boolean}[]} said best first
 * @param {import("./project.js").Project} project
 * @param {{where?: import("./viewer/where.js").Where}} [page] can show where a concept is
 */
export function bars(said, project, { where } = {}) {
  return html`
    ${said.some((one) => one.present) ? nothing : html`<p class="none">None of these.</p>`}
    <ul class="bars">${said.slice(0, SHOWN).map((one) => bar(one, project, where))}</ul>`;
}

function bar(one, project, where) {
  const name = one.concept ?? one.name;
  const concept = project.concept(name);
  const threshold = concept?.threshold;
  return html`<li class=${classMap({ present: one.present })} ${styles({ "--concept": concept?.colour ?? "var(--ink-2)" })}>
    <span class="name">${name}</span>
    <span class="value">${percent(one.probability)}</span>
    ${where ? html`<button class="quiet-button tiny" aria-pressed=${where.concept === name} title="Where? (w)"
      aria-label="Show where ${name} is" @click=${() => where.toggle(name)}>${icon(ScanSearch)}</button>` : nothing}
    <span class="bar"><i ${styles({ transform: `scaleX(${one.probability})` })}></i>
      ${threshold == null ? nothing : html`<b ${styles({ left: `${threshold * 100}%` })}></b>`}</span>
    ${threshold == null ? nothing : html`<small>${one.present ? "a match" : "no match"}: ${name} counts from ${percent(threshold)}</small>`}
  </li>`;
}
