/** Bring it along: send a data set, read what would happen, say yes. The address keeps where one is. */
import { fetcher } from "@uppy/core/utils";
import { call, csrfToken, errorFrom } from "./api.js";
import { html, nothing, render } from "./dom.js";
import { report, result } from "./import/report.js";
import { working } from "./import/working.js";
import { dropZone, fileField } from "./upload/dropzone.js";
import { moment, plural, size } from "./words.js";

const ASK_EVERY = 700; // ms, while something is under way
const PATIENCE = 2; // seconds: most are looked through by then, and the answer says it all

const element = document.getElementById("import");
const maxBytes = Number(element.dataset.maxBytes);
/** @type {{step: "choose" | "sending" | "looking" | "asking" | "running" | "done", [fact: string]: any}} */
let state = { step: "choose" };
let projects = [];
let sent = []; // before, and not decided about
let sending = null;

function show(next) {
  state = next;
  render(template(), element);
}

function template() {
  switch (state.step) {
    case "sending":
      return working(state.share < 1 ? `Sending ${state.name}…` : `Looking through ${state.name}…`, { share: state.share, label: "Sent", cancel: () => sending.abort() });
    case "looking":
      return working(`Looking through ${state.received.filename}…`, { ...progress(state.received.job), label: "Looked through", cancel,
        note: "You can leave this page: it goes on by itself, and waits here for a day." });
    case "asking":
      return report(state.received, { projects, error: state.error, start, cancel });
    case "running":
      return working("Taking it in…", { ...progress(state.received.job), label: "Taken in", note: "You can leave this page: it goes on by itself." });
    case "done":
      return result(state.received.job, { project: state.received.project, again: () => choose() });
    default:
      return html`${state.error ? html`<p class="message error" role="alert">${state.error}</p>` : nothing}
        <div class="choose"><p>Drop a zip or a <code>.tm</code> file here. Nothing is taken in before you have seen what would happen.</p>
          <button class="primary" @click=${() => field.click()}>Choose a file…</button></div>
        ${sent.length ? before() : nothing}`;
  }
}

function before() {
  return html`<section class="before" aria-labelledby="before-title"><h2 id="before-title">Sent before</h2>
    <ul>${sent.map((received) => html`<li><span><b>${received.filename}</b> <span class="quiet">${waits(received)}</span></span>
      <button class="button small" aria-label=${`Go on with ${received.filename}`} @click=${() => goOn(received.id)}>Go on</button></li>`)}</ul></section>`;
}

function waits({ report: would, created_at: at }) {
  return `${would ? `${plural(would.pictures, "photo")}, ` : ""}${moment(at)}`;
}

function progress({ state: of, done, total }) {
  return of === "queued" ? { share: 0, counted: "Waiting…" } : { share: done / total, counted: total > 1 ? `${done.toLocaleString("en")} of ${total.toLocaleString("en")}` : "" };
}

async function send(file) {
  if (file.size > maxBytes) {
    show({ step: "choose", error: `This file has ${size(file.size)}; the most is ${size(maxBytes)}.` });
    return;
  }
  sending = new AbortController();
  show({ step: "sending", name: file.name, share: 0 });
  try {
    const request = await fetcher(`/api/v1/imports?${new URLSearchParams({ filename: file.name, wait: PATIENCE })}`, {
      method: "POST",
      body: file,
      headers: { "X-CSRFToken": csrfToken(), "Content-Type": "application/zip", Accept: "application/json" },
      signal: sending.signal,
      shouldRetry: () => false,
      onUploadProgress: ({ loaded, total }) => show({ ...state, share: total ? loaded / total : 0 }),
    });
    await follow(JSON.parse(request.responseText));
  } catch (error) {
    await choose(error.name === "AbortError" ? null : told(error));
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

const isUnderWay = ({ job }) => ["queued", "running"].includes(job?.state);

/** Show an import as it is until somebody must say something. */
async function follow(received) {
  remember(received.id);
  while (isUnderWay(received)) {
    show({ step: received.project ? "running" : "looking", received });
    await new Promise((resolve) => { setTimeout(resolve, ASK_EVERY); });
    const isShown = () => state.received?.id === received.id; // else it was cancelled meanwhile
    const now = await call("GET", `/imports/${received.id}`).catch((error) => {
      if (error.status === 404 && isShown()) throw error;
      return received; // the server is away; it goes on once it is back
    });
    if (!isShown()) return;
    received = now;
  }
  if (received.project && received.job) show({ step: "done", received });
  else if (received.report) await ask(received);
  else await turnAway(received);
}

async function ask(received) {
  ({ items: projects } = await call("GET", "/projects"));
  show({ step: "asking", received });
}

async function turnAway(received) {
  await call("DELETE", `/imports/${received.id}`).catch(() => {});
  await choose(received.job?.error?.message ?? "It was stopped. Send it again.");
}

async function start(where) {
  try {
    await call("POST", `/imports/${state.received.id}/start`, { json: where });
    await follow(await call("GET", `/imports/${state.received.id}`));
  } catch (error) {
    if (state.step === "asking") show({ ...state, error: error.message });
    else await choose(error.message);
  }
}

async function cancel() {
  const { id } = state.received;
  show({ step: "choose" });
  await call("DELETE", `/imports/${id}`).catch(() => {});
  await choose();
}

async function choose(error = null) {
  remember(null);
  show({ step: "choose", error });
  ({ items: sent } = await call("GET", "/imports").catch(() => ({ items: sent })));
  if (state.step === "choose") show(state);
}

function remember(id) {
  window.history.replaceState(null, "", id ? `?id=${id}` : window.location.pathname);
}

async function open() {
  const id = new URLSearchParams(window.location.search).get("id");
  await (id ? goOn(id) : choose());
}

async function goOn(id) {
  try {
    await follow(await call("GET", `/imports/${encodeURIComponent(id)}`));
  } catch (error) {
    await choose(error.message);
  }
}

const field = Object.assign(document.createElement("input"), { type: "file", accept: ".zip,.tm,application/zip", hidden: true });
field.setAttribute("aria-label", "A file to import");
element.after(field);
fileField(field, ([file]) => send(file));
dropZone(document.getElementById("drop"), ([file]) => { if (state.step === "choose") send(file); });
show(state);
open();
