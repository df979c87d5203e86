/** Bring it along: send a data set, read what would happen, say yes. */
import { fetcher } from "@uppy/core/utils";
import { call, csrfToken, errorFrom } from "./api.js";
import { html, nothing, render } from "./dom.js";
import { report, result } from "./import/report.js";
import { dropZone, fileField } from "./upload/dropzone.js";
import { size } from "./words.js";

const ASK_EVERY = 700; // ms, while it is taken in

const element = document.getElementById("import");
const maxBytes = Number(element.dataset.maxBytes);
/** @type {{step: "choose" | "sending" | "asking" | "running" | "done", [fact: string]: any}} */
let state = { step: "choose" };
let projects = [];

function show(next) {
  state = next;
  render(template(), element);
}

function template() {
  switch (state.step) {
    case "sending":
      return html`<div class="working" role="status"><b>${state.share < 1 ? `Sending ${state.name}…` : `Looking through ${state.name}…`}</b>
        ${bar(state.share, "Sent")}</div>`;
    case "asking":
      return report(state.received, { projects, error: state.error, start, cancel });
    case "running":
      return html`<div class="working" role="status"><b>Taking it in…</b> ${bar(state.job.done / state.job.total, "Taken in")}
        <p class="quiet">You can leave this page: it goes on by itself.</p></div>`;
    case "done":
      return result(state.job, { project: state.project, again: () => show({ step: "choose" }) });
    default:
      return html`${state.error ? html`<p class="message error" role="alert">${state.error}</p>` : nothing}
        <div class="choose"><p>Drop a zip or a <code>.tm</code> file here. Nothing is taken in before you have seen what would happen.</p>
          <button class="primary" @click=${() => field.click()}>Choose a file…</button></div>`;
  }
}

function bar(share, label) {
  return html`<progress class="progress" aria-label=${label} max="1" .value=${share || 0}></progress>`;
}

async function send(file) {
  if (file.size > maxBytes) {
    show({ step: "choose", error: `This file has ${size(file.size)}; the most is ${size(maxBytes)}.` });
    return;
  }
  show({ step: "sending", name: file.name, share: 0 });
  try {
    const request = await fetcher(`/api/v1/imports?${new URLSearchParams({ filename: file.name })}`, {
      method: "POST",
      body: file,
      headers: { "X-CSRFToken": csrfToken(), "Content-Type": "application/zip", Accept: "application/json" },
      shouldRetry: () => false,
      onUploadProgress: ({ loaded, total }) => show({ ...state, share: total ? loaded / total : 0 }),
    });
    ({ items: projects } = await call("GET", "/projects"));
    show({ step: "asking", received: JSON.parse(request.responseText) });
  } catch (error) {
    show({ step: "choose", error: told(error) });
  }
}

function told({ request, message }) {
  if (!request) return message;
  let body = null;
  try {
    body = JSON.parse(request.responseText);
  } catch { /* not our server's answer: the status says enough */ }
  return errorFrom(request.status, body).message;
}

async function start(where) {
  try {
    const job = await call("POST", `/imports/${state.received.id}/start`, { json: where });
    const { project } = await call("GET", `/imports/${state.received.id}`);
    await follow(job, project);
  } catch (error) {
    show(state.step === "asking" ? { ...state, error: error.message } : { step: "choose", error: error.message });
  }
}

async function follow(job, project) {
  while (["queued", "running"].includes(job.state)) {
    show({ step: "running", job });
    await new Promise((resolve) => { setTimeout(resolve, ASK_EVERY); });
    job = await call("GET", `/jobs/${job.id}`).catch((error) => {
      if (error.status === 404) throw error;
      return job; // the server is away; it goes on once it is back
    });
  }
  show({ step: "done", job, project });
}

async function cancel() {
  await call("DELETE", `/imports/${state.received.id}`).catch(() => {});
  show({ step: "choose" });
}

const field = Object.assign(document.createElement("input"), { type: "file", accept: ".zip,.tm,application/zip", hidden: true });
field.setAttribute("aria-label", "A file to import");
element.after(field);
fileField(field, ([file]) => send(file));
dropZone(document.getElementById("drop"), ([file]) => { if (state.step === "choose") send(file); });
show(state);
