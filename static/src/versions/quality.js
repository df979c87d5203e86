/** The two figures that tell whether teaching pays: examples collected, and how good that made it. */
import { chart } from "../chart.js";
import { html, render } from "../dom.js";
import { share } from "../words.js";

const ALL = "";

export function quality() {
  let concept = ALL;
  let charts = [];
  let drawn = "";

  return function draw(element, versions) {
    const shown = versions.toReversed();
    const names = [...new Set(shown.flatMap((version) => version.evaluation.concepts.map((one) => one.concept)))];
    if (!names.includes(concept)) concept = ALL;
    const scheme = matchMedia("(prefers-color-scheme: dark)").matches;
    const state = JSON.stringify([concept, scheme, shown.map((version) => [version.number, version.created_at])]);
    if (state === drawn) return;
    drawn = state;
    render(template(names, shown, (name) => { concept = name; draw(element, versions); }), element);
    for (const old of charts) old.destroy();
    charts = plot(element, shown, concept);
  };

  function template(names, shown, choose) {
    return html`<div class="block">
      <header class="heading"><h2 id="quality-title">Quality over time</h2>
        <select aria-label="Concept" @change=${(event) => choose(event.target.value)}>
          <option value="" ?selected=${concept === ALL}>All concepts</option>
          ${names.map((name) => html`<option ?selected=${name === concept}>${name}</option>`)}
        </select></header>
      <div class="charts">
        <figure><figcaption>${concept === ALL ? "Right on photos it had not seen, %" : `F1 of ${concept} on photos it had not seen, %`}</figcaption><div data-chart="quality"></div></figure>
        <figure><figcaption>Examples collected</figcaption><div data-chart="examples"></div></figure>
      </div>
      <table class="sr-only"><caption>Quality over time</caption><tbody>${shown.map((version) => html`<tr>
        <th scope="row">Version ${version.number}</th><td>${told(figureOf(version, concept))}</td><td>${examplesOf(version, concept)} examples</td></tr>`)}</tbody></table>
    </div>`;
  }
}

function plot(element, versions, concept) {
  const numbers = versions.map((version) => version.number);
  const figures = versions.map((version) => figureOf(version, concept));
  const part = (name) => figures.map((figure) => (figure?.value == null ? null : 100 * (figure[name] ?? figure.value)));
  const place = (name) => element.querySelector(`[data-chart="${name}"]`);
  return [
    chart(place("quality"), {
      x: numbers, xLabel: "version", isWhole: true, range: [0, 100],
      series: [{ label: "%", values: part("value") }], band: { low: part("low"), high: part("high") },
    }),
    chart(place("examples"), {
      x: numbers, xLabel: "version", isWhole: true, range: [0, null],
      series: [{ label: "examples", values: versions.map((version) => examplesOf(version, concept)) }],
    }),
  ];
}

const rowOf = (version, concept) => version.evaluation.concepts.find((one) => one.concept === concept);

function figureOf(version, concept) {
  if (version.refinement.from) return concept === ALL ? { value: version.refinement.accuracy_after } : null;
  return concept === ALL ? version.evaluation.accuracy : rowOf(version, concept)?.f1 ?? null;
}

function examplesOf(version, concept) {
  if (concept === ALL) return version.evaluation.images;
  const row = rowOf(version, concept);
  return row ? row.support + row.negatives : 0;
}

function told(figure) {
  return figure?.value == null ? "not known" : share(figure.value);
}
