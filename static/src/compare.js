/** Two versions side by side: what would change for those who ask, and whether it is for the better. */
import { figures, sentence } from "./compare/figures.js";
import { flips } from "./compare/flips.js";
import { html, nothing, render } from "./dom.js";
import { notify } from "./notice.js";
import { openProject } from "./page.js";

const element = document.getElementById("compare");
const project = openProject();
const given = new URLSearchParams(location.search);
const drawFlips = flips(project, draw);

const state = { versions: [], before: Number(given.get("a")), after: Number(given.get("b")), said: null, problem: "" };

async function load() {
  const { versions } = await project.api.versionHistory();
  state.versions = versions;
  const has = (number) => versions.some((version) => version.number === number);
  const live = versions.find((version) => version.stage === "live")?.number;
  if (!has(state.after)) state.after = versions.find((version) => version.number !== live)?.number ?? live;
  if (!has(state.before)) {
    const others = versions.map((version) => version.number).filter((number) => number !== state.after);
    state.before = others.includes(live) ? live : others.find((number) => number < state.after) ?? others[0];
  }
  await compare();
}

async function compare() {
  [state.said, state.problem] = [null, ""];
  draw();
  if (state.before == null || state.before === state.after) state.problem = "Choose two different versions.";
  else {
    const asked = [state.before, state.after];
    history.replaceState(null, "", `?${new URLSearchParams({ a: asked[0], b: asked[1] })}`);
    try {
      const said = await project.api.compare(...asked);
      if (asked[0] === state.before && asked[1] === state.after) state.said = said;
    } catch (error) {
      if (asked[0] === state.before && asked[1] === state.after) state.problem = error.message;
    }
  }
  draw();
}

async function move(number, stage, said) {
  try {
    await project.api.changeVersion(number, { stage });
    notify(said);
    ({ versions: state.versions } = await project.api.versionHistory());
  } catch (error) {
    notify(error.message, { isError: true });
  }
  draw();
}

function draw() {
  if (state.versions.length) render(template(), element);
}

function template() {
  const { said, problem } = state;
  return html`
    <header class="heading"><h2><a href="../">Versions</a> <span class="quiet">/</span> What changes?</h2></header>
    <div class="pair">
      ${choice("From", state.before, (number) => { state.before = number; compare(); })}
      ${choice("To", state.after, (number) => { state.after = number; compare(); })}
      ${said ? publishing() : nothing}
    </div>
    ${problem ? html`<p class="message">${problem}</p>` : nothing}
    ${!said && !problem ? html`<p class="quiet"><i class="spinner"></i> Asking both about every photo…</p>` : nothing}
    ${said ? html`
      <p class="verdict-line">${sentence(said)}</p>
      ${drawFlips(said)}
      ${figures(said)}` : nothing}`;
}

function choice(label, chosen, choose) {
  return html`<label>${label}
    <select @change=${(event) => choose(Number(event.target.value))}>${state.versions.map((version) => html`
      <option value=${version.number} ?selected=${version.number === chosen}>Version ${version.number}${version.name ? ` “${version.name}”` : ""}${
        version.stage === "draft" ? "" : ` (${version.stage})`}</option>`)}</select></label>`;
}

function publishing() {
  const version = state.versions.find((one) => one.number === state.after);
  if (!version || version.stage === "live") return html`<span class="stage live">Live</span>`;
  return html`<button class="primary" @click=${() => move(version.number, "live", `Version ${version.number} is live.`)}>Publish version ${version.number}</button>
    ${version.stage === "preview" ? nothing : html`<button class="button" @click=${() => move(version.number, "preview", `Version ${version.number} is in preview: programs get it with ?stage=preview.`)}>Preview</button>`}`;
}

load().catch((error) => notify(error.message, { isError: true }));
