/** Whether the second is better, on pictures that neither had seen, and whether that is chance. */
import { html, nothing } from "../dom.js";
import { estimate } from "../evaluation/estimate.js";
import { percent, plural } from "../words.js";

const SURE = 0.05;

/** What happens, in one sentence. */
export function sentence({ before, after, flips }) {
  if (!flips.total) return html`<b>Version ${after} answers exactly as version ${before} does</b>, on every photo here.`;
  const marked = flips.now_agree + flips.no_longer_agree;
  return html`<b>Version ${after} flips ${plural(flips.total, "verdict")}</b> on ${plural(flips.pictures, "photo")}${
    marked ? html`: <b class="good">${flips.now_agree} now agree</b> with your marks, <b class=${flips.no_longer_agree ? "bad" : ""}>${flips.no_longer_agree} no longer</b>` : nothing}${
    flips.not_marked ? html`${marked ? "," : ":"} ${flips.not_marked} are not marked` : nothing}.`;
}

export function figures({ before, after, overall, concepts, new_concepts: added, gone_concepts: gone, test_pictures: tests, refined }) {
  return html`<section class="block" aria-labelledby="figures-title">
    <h2 id="figures-title">Is it better?</h2>
    ${refined.map(tuned)}
    <p class="quiet">${refined.length && !overall.items ? "So there is no marked photo that could judge the two fairly: keep some for testing." : nothing}
      ${overall.items || !refined.length ? html`Judged on ${plural(overall.items, "marked photo")}, each by a version that had not seen it${
      tests ? html`, ${plural(tests, "test photo")} among them` : nothing}.` : nothing}</p>
    ${overall.items ? html`<p>${judgement(overall, after)}</p>
    <div class="scrolls" role="region" aria-label="Figures" tabindex="0"><table class="overview">
      <thead><tr><td></td><th>Version ${before}</th><th>Version ${after}</th><th>Now right, was wrong</th><th>Now wrong, was right</th><th>Chance?</th></tr></thead>
      <tbody>
        <tr><th scope="row">Photos all right</th><td>${estimate(overall.before)}</td><td>${estimate(overall.after)}</td>${rest(overall)}</tr>
        ${concepts.map((one) => html`<tr><th scope="row">${one.concept}, F1</th><td>${estimate(one.f1[0])}</td><td>${estimate(one.f1[1])}</td>${rest(one)}</tr>`)}
      </tbody></table></div>
    <p class="quiet">“Chance” is McNemar’s exact test: how often two equally good versions would differ this much.</p>` : nothing}
    ${added.length ? html`<p>New in version ${after}: ${added.join(", ")}.</p>` : nothing}
    ${gone.length ? html`<p>Version ${after} does not know ${gone.join(", ")}.</p>` : nothing}
  </section>`;
}

function tuned({ number, accuracy_before: was, accuracy_after: is }) {
  return html`<p>The network of version ${number} was tuned on photos marked here, so those can’t judge it. Measured in turn on pictures
    it was not tuned on, ${percent(was)} right became <b>${percent(is)}</b>.</p>`;
}

function rest({ gained, lost, p_value: p }) {
  return html`<td>${gained}</td><td>${lost}</td><td>${gained + lost ? chance(p) : html`<span class="quiet">no difference</span>`}</td>`;
}

function chance(p) {
  const share = p < 0.01 ? "under 1 %" : `${Math.round(100 * p)} %`;
  return p < SURE ? html`<b>${share}</b>` : html`<span>${share}</span>`;
}

function judgement({ difference, gained, lost, p_value: p }, after) {
  if (!(gained + lost)) return "Both are right and wrong on the same photos.";
  const points = (value) => `${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(Math.round(100 * value))}`;
  const between = html`${points(difference.value)} points (${points(difference.low)} to ${points(difference.high)})`;
  if (p >= SURE) return html`The difference of ${between} may well be chance.`;
  return difference.value > 0 ? html`<b class="good">Version ${after} is better</b>: ${between}.` : html`<b class="bad">Version ${after} is worse</b>: ${between}.`;
}
