/** Something goes on: how far it is, and a way out where there is one. */
import { html, nothing } from "../dom.js";

/** @param {string} title @param {{share: number, label: string, counted?: string, note?: string, cancel?: () => void}} facts */
export function working(title, { share, label, counted = "", note = "", cancel = null }) {
  return html`<div class="working"><p role="status"><b>${title}</b></p>
    <progress class="progress" aria-label=${label} max="1" .value=${share || 0}></progress>
    <p class="quiet">${counted}${counted && note ? html`<br>` : nothing}${note}</p>
    ${cancel ? html`<p><button class="button" @click=${cancel}>Cancel</button></p>` : nothing}</div>`;
}
