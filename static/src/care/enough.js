/** Whether enough is marked: of each concept, how often it was told rightly by how many examples. */
import { html, nothing, render } from "../dom.js";
import { svg } from "lit-html";
import { interval, share } from "../words.js";

const [WIDTH, HEIGHT, EDGE] = [120, 36, 3];
const GOOD = 0.9;
const HARDLY = 0.005; // half a point

/** @param {HTMLElement} element @param {object} project */
export function enough(element, project) {
  const draw = () => render(project.summary ? template(project) : nothing, element);
  project.addEventListener("change", draw);
}

function template(project) {
  const evaluation = project.learnt?.evaluation;
  const curve = evaluation?.learning_curve;
  if (!evaluation) return html`<p class="quiet">After the first Train, this says whether more examples are worth the trouble.</p>`;
  if (!curve?.concepts?.length) return html`<p class="quiet">It takes two concepts with four examples each before this can be told.</p>`;
  return html`<p>${summary(curve)}</p>
    <div class="wide-table"><table class="enough">
      <thead><tr><th>Concept</th><th>Examples</th><th>Right</th><th>By number of examples</th><th>${curve.more} more would bring</th></tr></thead>
      <tbody>${curve.concepts.map((one, index) => row(evaluation.concepts[index].concept, one, project))}</tbody>
    </table></div>
    <p class="quiet">Each concept was learnt from a quarter and from half of its examples, too, and asked about the others. The grey is the
      range in which the true figure lies, nineteen times in twenty.</p>`;
}

function summary({ gain, more, accuracy }) {
  if (gain < HARDLY) {
    return accuracy.at(-1) >= GOOD ? "More examples would hardly help: it is time to use it."
      : "More examples of the same kind would hardly help. See first what is taken for what.";
  }
  return html`${more} more examples of every concept should raise how often it is right from ${share(accuracy.at(-1))} by about <b>${points(gain)}</b>.`;
}

function row(name, { examples, accuracy, gain }, project) {
  const now = accuracy.at(-1);
  if (now.value == null) return nothing;
  return html`<tr>
    <th scope="row"><a href="../?${new URLSearchParams({ concept: name, sort: project.concept(name) ? "uncertain" : "newest" })}">${name}</a></th>
    <td>${examples.at(-1)}</td>
    <td><b>${share(now.value)}</b> <span class="quiet">${interval(now)}</span></td>
    <td>${drawing(examples, accuracy)}</td>
    <td>${gain.value < HARDLY ? html`<span class="quiet">hardly anything</span>`
      : html`<b>${points(gain.value)}</b> <span class="quiet">${(100 * gain.low).toFixed(1)}–${(100 * gain.high).toFixed(1)}</span>`}</td>
  </tr>`;
}

/** The figure, and the range around it, as one line. */
function drawing(examples, accuracy) {
  const known = accuracy.map((one, index) => ({ ...one, count: examples[index] })).filter((one) => one.value != null);
  const most = known.at(-1).count || 1;
  const at = (count, value) => `${(EDGE + (WIDTH - 2 * EDGE) * (count / most)).toFixed(1)},${(EDGE + (HEIGHT - 2 * EDGE) * (1 - value)).toFixed(1)}`;
  const range = [...known.map((one) => at(one.count, one.high)), ...known.toReversed().map((one) => at(one.count, one.low))];
  const told = known.map((one) => `${share(one.value)} with ${one.count}`).join(", ");
  return html`<svg class="curve" viewBox="0 0 ${WIDTH} ${HEIGHT}" width=${WIDTH} height=${HEIGHT} role="img" aria-label=${told}>
    ${svg`<title>${told}</title><polygon points=${range.join(" ")} /><polyline points=${known.map((one) => at(one.count, one.value)).join(" ")} />`}</svg>`;
}

function points(value) {
  const rounded = (100 * value).toFixed(1);
  return `${rounded} ${rounded === "1.0" ? "point" : "points"}`;
}
