/** Short messages at the lower edge, read out by screen readers. */
import { html, nothing, render } from "./dom.js";

const STAYS = 6000;
const place = document.getElementById("notice");
let timer = 0;
let shown = 0;

/**
 * @typedef {{action: string, onAction: () => void}} Offer
 * @param {string} text
 * @param {{action?: string, onAction?: () => void, other?: Offer, isError?: boolean, refusal?: string}} [options]
 *   with a word to refuse it by, it is an offer, and stays until it is taken, refused or outdated
 * @returns {() => void} takes it away, unless another message has taken its place
 */
export function notify(text, { action, onAction, other, isError = false, refusal = "" } = {}) {
  clearTimeout(timer);
  shown += 1;
  const mine = shown;
  const close = () => { if (mine === shown) render(nothing, place); };
  const button = (offer) => html`<button class="link" @click=${() => { close(); offer.onAction(); }}>${offer.action}</button>`;
  lift();
  render(
    html`<div class=${isError ? "notice error" : "notice"}>
      <span>${text}</span>
      ${refusal ? html`<button class="link" @click=${close}>${refusal}</button>` : nothing}
      ${action ? button({ action, onAction }) : nothing}
      ${other ? button(other) : nothing}
    </div>`,
    place,
  );
  if (!refusal) timer = setTimeout(close, isError || other ? STAYS * 2 : STAYS);
  return close;
}

/** Show what is said on top of a dialog too: nothing behind one can be seen or clicked. */
export function lift() {
  const dialog = [...document.querySelectorAll("dialog:modal")].at(-1);
  if (!dialog || dialog.contains(place)) return;
  dialog.prepend(place);
  dialog.addEventListener("close", () => {
    document.body.append(place);
    lift(); // on top of the one beneath
  }, { once: true });
}
