/** The Versions page: what was trained, what is live, how quality grew, who did what. */
import { html, nothing, render } from "./dom.js";
import { notify } from "./notice.js";
import { openProject } from "./page.js";
import { askFor } from "./versions/ask.js";
import { deeds } from "./versions/deeds.js";
import { exportEntry } from "./versions/export.js";
import { list } from "./versions/list.js";
import { quality } from "./versions/quality.js";
import { refining } from "./versions/refining.js";
import { plural } from "./words.js";

const element = document.getElementById("versions");
const project = openProject();
const drawQuality = quality();
/** @type {{versions: object[], events: object[], rollback: number | null} | null} */
let history = null;
let asked = 0;

/** What can be done with a version beside the usual, each `(version) => template`. */
const extras = [exportEntry(project)];

async function refresh() {
  asked += 1;
  const mine = asked;
  try {
    const told = await project.api.versionHistory();
    if (mine === asked) history = told;
  } catch (error) {
    notify(error.message, { isError: true });
  }
  draw();
}

async function attempt(work, said) {
  try {
    await work();
    if (said) notify(said);
  } catch (error) {
    notify(error.message, { isError: true });
  }
  await refresh();
}

const ask = askFor(project, attempt);

function draw() {
  if (!history) return;
  render(template(), element);
  drawQuality(element.querySelector("#quality"), history.versions);
}

function template() {
  const { versions, events, rollback } = history;
  if (!versions.length) {
    return html`<div class="empty"><h2>No versions yet</h2>
      <p>Mark a few photos and press Train: every training makes one, and none is ever overwritten.</p>
      <a class="button" href="../">Go to the photos</a></div>`;
  }
  const live = versions.find((version) => version.stage === "live");
  return html`
    <header class="heading"><h2>Versions</h2></header>
    <p class="answering"><span>${live
      ? html`<b>Version ${live.number}${live.name ? html` “${live.name}”` : nothing} is live</b>: it answers the programs that ask.`
      : html`<b>Nothing is published yet</b>: until then, the newest version answers.`}</span>
      ${rollback == null ? nothing : html`<button class="button small" @click=${() => ask.rollBack(rollback)}>Roll back to version ${rollback}</button>`}</p>
    ${list(versions, { project, ask, live, extras })}
    ${refining(project, attempt)}
    <section id="quality" aria-labelledby="quality-title"></section>
    <section class="block" aria-labelledby="deeds-title">
      <h2 id="deeds-title">Who did what</h2>
      ${deeds(events)}
      ${events.length >= 200 ? html`<p class="quiet">The latest ${plural(events.length, "entry", "entries")}.</p>` : nothing}
    </section>`;
}

project.addEventListener("happened", ({ detail }) => {
  if (["version", "hello"].includes(detail.kind)) refresh();
});
project.addEventListener("change", draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
refresh();
