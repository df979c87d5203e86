/** Short messages at the lower edge, read out by screen readers. */
import { html, nothing, render } from "./dom.js";

const STAYS = 6000;
let timer = 0;

/**
 * @param {string} text
 * @param {{action?: string, onAction?: () => void, isError?: boolean, stays?: boolean}} [options]
 */
export function notify(text, { action, onAction, isError = false, stays = false } = {}) {
  const place = document.getElementById("notice");
  clearTimeout(timer);
  const close = () => render(nothing, place);
  render(
    html`<div class=${isError ? "notice error" : "notice"}>
      <span>${text}</span>
      ${stays ? html`<button class="link" @click=${close}>No</button>` : nothing}
      ${action ? html`<button class="link" @click=${() => { close(); onAction(); }}>${action}</button>` : nothing}
    </div>`,
    place,
  );
  if (!stays) timer = setTimeout(close, isError ? STAYS * 2 : STAYS);
}
