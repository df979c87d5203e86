/** All concepts in a table; a click looks at one closely. */
import { html } from "../dom.js";
import { percent } from "../words.js";
import { estimate } from "./estimate.js";

export function overview({ all, version, concept }, go) {
  const thresholds = new Map(version.concepts.map((one) => [one.name, one.threshold]));
  return html`<div class="scrolls" role="region" aria-label="Concepts" tabindex="0"><table class="overview">
    <thead><tr><th>Concept</th><th>Photos</th><th title="Of those it finds, how many are right">Precision</th>
      <th title="Of those there are, how many it finds">Recall</th><th title="Both in one figure">F1</th>
      <th title="How well it sorts, whatever the threshold">Average precision</th><th>Counts from</th></tr></thead>
    <tbody>${all.figures.map((one) => html`<tr class=${one.concept === concept ? "chosen" : ""}>
      <th scope="row"><button class="link" aria-pressed=${one.concept === concept} @click=${() => go({ concept: one.concept })}>${one.concept}</button></th>
      <td>${one.support} <span class="quiet">of ${one.support + one.negatives}</span></td>
      <td>${estimate(one.precision)}</td><td>${estimate(one.recall)}</td><td>${estimate(one.f1)}</td>
      <td>${estimate(one.average_precision)}</td><td>${percent(thresholds.get(one.concept) ?? 0.5)}</td></tr>`)}</tbody></table></div>`;
}
