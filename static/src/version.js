/** One version, looked at closely: how good it is, at which thresholds, and where it errs. */
import { html, nothing, render } from "./dom.js";
import { closely } from "./evaluation/closely.js";
import { confusion } from "./evaluation/confusion.js";
import { facts, heading } from "./evaluation/facts.js";
import { overview } from "./evaluation/overview.js";
import { sources } from "./evaluation/sources.js";
import { notify } from "./notice.js";
import { openProject } from "./page.js";
import { suggestion } from "./versions/refining.js";

const element = document.getElementById("version");
const number = Number(element.dataset.number);
const project = openProject();
const given = new URLSearchParams(location.search);

const state = {
  version: null,
  all: null, // the overview
  one: null, // the chosen concept's predictions
  problem: "",
  source: given.get("source") ?? "",
  concept: given.get("concept") ?? "",
  moved: null, // where the slider was put, until that is kept
  get threshold() {
    return this.moved ?? taught().threshold;
  },
};

/** Once all that was kept here has arrived: one after the other, so that the last answer tells of all. */
let kept = Promise.resolve();

const close = closely({ project, state, save, draw });

async function load() {
  try {
    const { source } = state;
    const judging = project.api.evaluation(number, source);
    judging.catch(() => { /* it is told where it is awaited */ });
    state.version ??= await project.api.version(number); // from then on, what is kept here tells of it
    if (!state.all) draw(); // else the figures of another source would stand beneath this one's name
    const all = await judging;
    if (!source && state.version.refinement.from && all.counts.test) { // what tuned it can't judge it
      state.source = "test";
      await load();
      return;
    }
    if (!source) state.source = "left_out";
    else if (source !== state.source) return; // another was chosen meanwhile
    Object.assign(state, { all, problem: "" });
    const names = state.all.figures.map((one) => one.concept);
    if (!names.includes(state.concept)) Object.assign(state, { concept: names[0] ?? "", moved: null });
    if (!state.one) draw(); // else the predictions of another source would stand beneath these figures
    await reload();
  } catch (error) {
    state.version ??= await project.api.version(number).catch(() => null);
    state.problem = error.message;
    draw();
  }
}

async function reload() {
  const { source, concept } = state;
  const one = concept ? await project.api.judged(number, source, concept) : null;
  if (source !== state.source || concept !== state.concept) return;
  state.one = one;
  draw();
}

const taught = () => state.version.concepts.find((one) => one.name === state.concept) ?? { threshold: 0.5, fitted_threshold: 0.5 };

async function go(change) {
  const isOtherSource = change.source && change.source !== state.source;
  if (change.concept && change.concept !== state.concept) state.moved = null;
  Object.assign(state, change);
  const address = new URLSearchParams({ concept: state.concept, ...(state.source !== "left_out" && { source: state.source }) });
  history.replaceState(null, "", `${location.pathname}?${address}`);
  if (isOtherSource) await load();
  else await reload().catch((error) => notify(error.message, { isError: true }));
}

async function attempt(work) {
  try {
    await work();
    const { source } = state;
    const all = await project.api.evaluation(number, source);
    if (source === state.source) state.all = all;
  } catch (error) {
    notify(error.message, { isError: true });
  }
  draw();
}

/** Keep the slider’s threshold, or with null go back to the fitted one. */
function save(threshold) {
  const { concept, moved } = state;
  kept = kept.then(() => attempt(async () => {
    state.version = await project.api.setThreshold(number, concept, threshold);
    if (concept === state.concept && moved === state.moved) state.moved = null; // else it was moved on meanwhile
    notify(threshold === null ? `${concept} counts as found where the fit put it.`
      : `From now on, version ${number} counts ${concept} as found from ${Math.round(threshold * 100)} %.`);
  }));
}

function draw() {
  if (!state.version) {
    render(html`${heading({ number })}${state.problem ? html`<p class="message error">${state.problem}</p>` : asking()}`, element);
    return;
  }
  render(template(), element);
  close.plot();
}

function template() {
  const { version, all, one } = state;
  return html`
    ${facts(version, all?.counts)}
    ${state.problem ? html`<p class="message">${state.problem}</p>` : nothing}
    ${all ? suggestion(state, project, attempt) : nothing}
    ${all ? html`
      ${sources(state, go)}
      ${overview(state, go)}
      ${one ? close.template(taught()) : nothing}
      ${confusion(state, project)}` : nothing}
    ${all || state.problem ? nothing : asking()}`;
}

const asking = () => html`<p class="quiet"><i class="spinner"></i> Looking up how good it is…</p>`;

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
project.addEventListener("change", () => state.all && draw());
project.addEventListener("happened", ({ detail }) => {
  const isNews = ["version", "hello"].includes(detail.kind); // a refined one may be there now
  if (isNews && state.all) attempt(async () => {});
});
draw();
load();
