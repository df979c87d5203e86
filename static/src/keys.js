/** The list of keys. */
import { opened } from "./dialogs.js";
import { html, render } from "./dom.js";

const KEYS = [
  ["← ↑ → ↓", "go from photo to photo"],
  ["Space", "choose the photo"],
  ["Shift + arrows", "choose several"],
  ["A", "choose all"],
  ["Esc", "choose none"],
  ["1 – 9", "mark with the first, second… concept"],
  ["Shift + 1 – 9", "mark as not that concept"],
  ["C or /", "look for a concept, or make one"],
  ["Z, Y", "undo, redo"],
  ["Enter", "see the photo large"],
  ["Delete", "delete what is chosen"],
];

export function showKeys() {
  return opened("dialog keys-dialog", "", (dialog) => render(html`<h2 id="dialog-title">Keys</h2>
    <dl>${KEYS.map(([key, what]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${what}</dd></div>`)}</dl>
    <p class="actions"><button class="primary" @click=${() => dialog.close()}>Close</button></p>`, dialog));
}
