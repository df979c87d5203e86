/** The Try it page: a new picture, and how likely each concept is on it. Nothing is kept but what
 * the person then teaches. */
import { Camera as CameraIcon, GraduationCap, ImagePlus, Link, X } from "lucide";
import { bars } from "./bars.js";
import { html, icon, nothing, render, repeat } from "./dom.js";
import { notify } from "./notice.js";
import { openProject } from "./page.js";
import { askForConcept } from "./palette.js";
import { rail } from "./rail.js";
import { Camera, canUseCamera } from "./try/camera.js";
import { Who } from "./try/who.js";
import { dropZone, fileField } from "./upload/dropzone.js";

const AT_ONCE = 8;
const KEPT = 40;

const project = openProject();
const element = document.getElementById("try");
const field = document.getElementById("files");
const who = new Who(project, () => draw());
const camera = new Camera((frame) => project.api.predictFiles([frame], who.query));
let count = 0;
/** @type {{key: number, url: string, name: string, file: File | null, by: string, concepts: object, answer: object | null, error: string}[]} newest first */
let tries = [];

function begin(name, url, file = null) {
  count += 1;
  const one = { key: count, name, url, file, by: who.words, concepts: who.concepts, answer: null, error: "" };
  for (const old of tries.slice(KEPT - 1)) URL.revokeObjectURL(old.url);
  tries = [one, ...tries.slice(0, KEPT - 1)];
  return one;
}

async function tryFiles(files) {
  if (files.length > KEPT) notify(`The first ${KEPT} of ${files.length.toLocaleString("en")} photos are tried.`);
  for (let start = 0; start < Math.min(files.length, KEPT); start += AT_ONCE) {
    const some = files.slice(start, start + AT_ONCE);
    await Promise.all(some.map((file) => finish(begin(file.name, URL.createObjectURL(file), file), () => project.api.predictFiles([file], who.query))));
  }
}

function tryUrl(event) {
  event.preventDefault();
  const url = event.target.elements.url.value.trim();
  if (!url) return;
  event.target.reset();
  finish(begin(url, ""), () => project.api.predictUrls([url], who.query));
}

async function finish(one, ask) {
  draw();
  try {
    const { results, errors } = await ask();
    one.answer = results[0] ?? null;
    one.error = errors?.[0]?.message ?? "";
  } catch (error) {
    one.error = error.message;
  }
  draw();
}

function draw() {
  render(template(), element);
}

function template() {
  if (!project.summary) return nothing;
  return html`
    <div class="try-box">
      <h2>Try a photo it has never seen</h2>
      <p class="quiet">Drop one anywhere, paste it, or give its address. Nothing you try is kept, unless you teach it.</p>
      ${who.template(draw)}
      <p class="ways"><button class="primary" @click=${() => field.click()}>${icon(ImagePlus)}Choose a photo</button>
        ${canUseCamera && !camera.isOn ? html`<button class="button" @click=${() => camera.start()}>${icon(CameraIcon)}Use the camera</button>` : nothing}</p>
      <form class="url" @submit=${tryUrl}>${icon(Link)}
        <input type="url" name="url" required placeholder="https://… the address of a photo" aria-label="Address of a photo" />
        <button class="button">Try</button></form>
    </div>
    ${camera.isOn || camera.error ? live() : nothing}
    <ul class="tries" aria-live="polite">${repeat(tries, (one) => one.key, outcome)}</ul>`;
}

function live() {
  return html`<section class="outcome" aria-label="Camera">
    <div class="frame">${camera.isOn ? camera.video : nothing}</div>
    <div>
      <h3>What the camera sees</h3>
      ${camera.error ? html`<p class="bad" role="alert">${camera.error}</p>` : nothing}
      ${camera.said.length ? bars(camera.said, who.concepts) : nothing}
      ${camera.isOn ? html`<p class="ways">
        ${teachButton(() => camera.frame())}
        <button class="button" @click=${() => camera.stop()}>${icon(X)}Stop</button></p>` : nothing}
    </div>
  </section>`;
}

function teachButton(picture) {
  if (!project.may("edit") || !project.may("label")) return nothing;
  return html`<button class="button" @click=${() => teach(picture())}>${icon(GraduationCap)}Teach this</button>`;
}

/** Keep a picture, marked as what the person says it is. @param {File | Promise<File>} picture */
async function teach(picture) {
  const choice = await askForConcept(project, "What is this?");
  if (!choice) return;
  try {
    const { images, errors } = await project.api.addImage(await picture);
    if (errors.length) throw new Error(errors[0].message);
    await project.api.setLabels([{ image: images[0].id, concept: choice.name, value: choice.value }]);
    notify(`Added, and marked ${choice.value === "negative" ? "not " : ""}${choice.name}.`);
  } catch (error) {
    notify(error.message, { isError: true });
  }
  project.refreshSoon();
}

function outcome(one) {
  return html`<li class="outcome">
    <div class="frame">${one.url ? html`<img src=${one.url} alt="" @error=${(event) => { event.target.hidden = true; }} />` : nothing}</div>
    <div>
      <h3>${[one.name, one.by].filter(Boolean).join(" · ")}</h3>
      ${one.error ? html`<p class="bad">${one.error}</p>` : nothing}
      ${one.answer ? bars(one.answer.concepts, one.concepts) : nothing}
      ${one.answer || one.error ? nothing : html`<p class="quiet">Looking…</p>`}
      ${one.answer && one.file ? html`<p class="ways">${teachButton(() => one.file)}</p>` : nothing}
    </div>
  </li>`;
}

rail(document.getElementById("rail"), project, {
  chosen: () => "",
  choose: (name) => location.assign(`../?${new URLSearchParams({ concept: name })}`),
  allPhotos: false,
});
dropZone(document.getElementById("drop"), tryFiles);
fileField(field, tryFiles);
camera.addEventListener("change", draw);
addEventListener("pagehide", () => camera.stop());
project.addEventListener("change", draw);
draw();
