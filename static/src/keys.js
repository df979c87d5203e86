/** The list of keys. */
import { html, render } from "./dom.js";

const KEYS = [
  ["← ↑ → ↓", "go from picture to picture"],
  ["Space", "choose the picture"],
  ["Shift + arrows", "choose several"],
  ["A", "choose all"],
  ["Esc", "choose none"],
  ["1 – 9", "mark with the first, second… concept"],
  ["Shift + 1 – 9", "mark as not that concept"],
  ["C or /", "look for a concept, or make one"],
  ["Z, Y", "undo, redo"],
  ["Enter", "see the picture large"],
  ["Delete", "delete what is chosen"],
];

export function showKeys() {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog keys-dialog";
  dialog.setAttribute("aria-labelledby", "keys-title");
  render(html`<h2 id="keys-title">Keys</h2>
    <dl>${KEYS.map(([key, what]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${what}</dd></div>`)}</dl>
    <p class="actions"><button class="primary" @click=${() => dialog.close()}>Close</button></p>`, dialog);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
