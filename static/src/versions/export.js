/** A version as an ONNX file: asked for, compared with Pupil, taken away. */
import { html, nothing, render } from "../dom.js";
import { plural, size } from "../words.js";

const ASK_EVERY = 700; // ms

/** The entry of a version's menu. @param {import("../project.js").Project} project */
export function exportEntry(project) {
  return (version) => html`<button @click=${() => open(project, version)}>Take it away…</button>`;
}

function open(project, version) {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog export-dialog";
  dialog.setAttribute("aria-labelledby", "export-title");
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  follow(project, version, dialog);
}

async function follow(project, version, dialog) {
  let told = await attempt(() => project.api.versionExport(version.number));
  while (dialog.isConnected) {
    render(template(version, told, { ask, close: () => dialog.close() }), dialog);
    if (!isUnderWay(told)) return;
    await new Promise((resolve) => { setTimeout(resolve, ASK_EVERY); });
    told = await attempt(() => project.api.versionExport(version.number));
  }

  async function ask() {
    told = await attempt(() => project.api.exportVersion(version.number));
    render(template(version, told, { ask, close: () => dialog.close() }), dialog);
    if (!told.message) follow(project, version, dialog);
  }
}

async function attempt(work) {
  return work().catch(({ message }) => ({ message }));
}

const isUnderWay = (told) => ["queued", "running"].includes(told.job?.state);

function template({ number }, told, { ask, close }) {
  const failure = told.message ?? (told.url || isUnderWay(told) ? null : told.job?.error?.message);
  return html`<h2 id="export-title">Version ${number} as one file</h2>
    <p>Picture in, probabilities out, everything between in the file (ONNX). It runs without Pupil, on phones and servers.</p>
    ${failure ? html`<p class="message error" role="alert">${failure}</p>` : nothing}
    ${isUnderWay(told) ? html`<p role="status"><i class="spinner"></i> Writing it, and comparing it with Pupil on your pictures…</p>` : nothing}
    ${told.url ? ready(told) : nothing}
    <p class="actions"><button type="button" @click=${close}>Close</button>
      ${told.url ? html`<a class="primary button" href=${told.url} download>Download ${size(told.byte_size)}</a>`
        : html`<button class="primary" ?disabled=${isUnderWay(told)} @click=${ask}>Make the file</button>`}</p>`;
}

function ready({ parity, runner }) {
  return html`<p>Compared with Pupil on <b>${plural(parity.pictures, "photo")}</b> of this project: no probability differs by more than
      <b>${thousandths(parity.max_difference)}</b>; ${parity.flips ? plural(parity.flips, "verdict differs", "verdicts differ") : "every verdict is the same"}.
      Read by the program below: ${thousandths(parity.by_runner.max_difference)}.</p>
    <pre tabindex="0" aria-label="A program that asks the file"><code>${runner}</code></pre>`;
}

function thousandths(difference) {
  return difference < 0.00005 ? "0.0001" : difference.toFixed(4);
}
