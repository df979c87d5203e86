/** One concept: a threshold to move, what moves with it, and the pictures it gets wrong. */
import { chart } from "../chart.js";
import { html, live, nothing } from "../dom.js";
import { percent } from "../words.js";
import { estimate } from "./estimate.js";
import { figuresAt, isPresent, precisionRecall } from "./figures.js";
import { mistakes } from "./mistakes.js";

export function closely({ project, state, save, draw }) {
  const wrong = mistakes({ project, draw });
  let charts = [];
  let plotted = null;

  function template(taught) {
    const { one, concept, threshold } = state;
    const figures = figuresAt(one.predictions, threshold);
    const missed = one.predictions.filter((judged) => judged.label > 0 && !isPresent(judged, threshold));
    const alarms = one.predictions.filter((judged) => judged.label < 0 && isPresent(judged, threshold));
    const isMoved = Math.abs(threshold - taught.threshold) > 1e-9;
    return html`<section class="block" aria-labelledby="closely-title">
      <h2 id="closely-title">${concept}</h2>
      <div class="threshold">
        <label for="threshold">Counts as ${concept} from <output>${percent(threshold)}</output></label>
        <input id="threshold" type="range" min="0.01" max="0.99" step="0.01" .value=${live(String(threshold))}
          @input=${(event) => move(Number(event.target.value))} />
        <button class="button small" ?disabled=${!isMoved} @click=${() => save(threshold)}>Save</button>
        <button class="button small" ?hidden=${taught.threshold === taught.fitted_threshold && !isMoved}
          @click=${() => (taught.threshold === taught.fitted_threshold ? move(null) : save(null))}>As fitted: ${percent(taught.fitted_threshold)}</button>
      </div>
      <dl class="figures" aria-live="polite">
        ${figure("Precision", "precision", figures.precision, html`<span class="quiet">${figures.hits} of ${figures.claimed} found</span>`)}
        ${figure("Recall", "recall", figures.recall, html`<span class="quiet">${figures.hits} of ${figures.support} there</span>`)}
        ${figure("F1", "f1", figures.f1)}
        ${figure("Average precision", "average_precision", one.figures.average_precision)}
      </dl>
      <div class="charts">
        <figure><figcaption>Precision over recall, %; the ring is where the threshold is</figcaption><div data-chart="curve" role="img" aria-label="Precision over recall"></div></figure>
        <figure><figcaption>Came true over how sure it was, %; the dashed line is honest</figcaption><div data-chart="reliability" role="img" aria-label="Share that came true over probability"></div></figure>
      </div>
      <table class="sr-only"><caption>How often predictions came true</caption><tbody>${one.reliability.map((bin) => html`<tr>
        <th scope="row">${percent(bin.mean)} sure</th><td>${percent(bin.share.value)} of ${bin.count} came true</td></tr>`)}</tbody></table>
      ${wrong.template(`Taken for ${concept}`, alarms, concept, -1)}
      ${wrong.template(`${concept}, not found`, missed, concept, 1)}
      ${alarms.length + missed.length ? nothing : html`<p class="quiet">At this threshold it gets every photo right.</p>`}
    </section>`;
  }

  function move(threshold) {
    state.moved = threshold;
    draw();
  }

  function plot() {
    const { one } = state;
    const scheme = matchMedia("(prefers-color-scheme: dark)").matches;
    const place = (name) => document.querySelector(`[data-chart="${name}"]`);
    if (!one || !place("curve")) return;
    if (plotted?.one === one && plotted.scheme === scheme) {
      charts[0].redraw();
      return;
    }
    for (const old of charts) old.destroy();
    plotted = { one, scheme };
    const points = precisionRecall(one.predictions);
    charts = [
      chart(place("curve"), {
        x: points.map((point) => 100 * point.recall), range: [0, 100], xRange: [0, 100], xLabel: "recall",
        series: [{ label: "precision", values: points.map((point) => 100 * point.precision), isStepped: true, hasPoints: false }],
        marks: () => mark(state),
      }),
      chart(place("reliability"), {
        x: [0, ...one.reliability.map((bin) => 100 * bin.mean), 100], range: [0, 100], xRange: [0, 100], xLabel: "probability",
        series: [
          { label: "honest", values: [0, ...one.reliability.map((bin) => 100 * bin.mean), 100], isDashed: true, hasPoints: false, colour: "grey" },
          { label: "came true", values: [null, ...one.reliability.map((bin) => 100 * bin.share.value), null], hasPoints: true, isScattered: true },
        ],
        band: {
          low: [null, ...one.reliability.map((bin) => 100 * bin.share.low), null],
          high: [null, ...one.reliability.map((bin) => 100 * bin.share.high), null],
        },
      }),
    ];
  }

  return { template, plot };
}

function mark({ one, threshold }) {
  const { precision, recall } = figuresAt(one.predictions, threshold);
  return precision.value == null || recall.value == null ? [] : [{ x: 100 * recall.value, y: 100 * precision.value }];
}

function figure(name, key, value, detail = nothing) {
  return html`<div data-figure=${key} data-value=${value.value ?? ""}><dt>${name}</dt><dd>${estimate(value, detail)}</dd></div>`;
}
