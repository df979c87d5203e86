/** Short messages at the lower edge, read out by screen readers. */
import { html, nothing, render } from "./dom.js";

const STAYS = 6000;
let timer = 0;

/**
 * @typedef {{action: string, onAction: () => void}} Offer
 * @param {string} text
 * @param {{action?: string, onAction?: () => void, other?: Offer, isError?: boolean, stays?: boolean}} [options]
 */
export function notify(text, { action, onAction, other, isError = false, stays = false } = {}) {
  const place = document.getElementById("notice");
  clearTimeout(timer);
  const close = () => render(nothing, place);
  const button = (offer) => html`<button class="link" @click=${() => { close(); offer.onAction(); }}>${offer.action}</button>`;
  render(
    html`<div class=${isError ? "notice error" : "notice"}>
      <span>${text}</span>
      ${stays ? html`<button class="link" @click=${close}>No</button>` : nothing}
      ${action ? button({ action, onAction }) : nothing}
      ${other ? button(other) : nothing}
    </div>`,
    place,
  );
  if (!stays) timer = setTimeout(close, isError || other ? STAYS * 2 : STAYS);
}
