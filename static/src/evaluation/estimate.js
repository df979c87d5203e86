/** A figure as a share in percent, with the interval it lies in. */
import { html, nothing, styles } from "../dom.js";
import { interval, share } from "../words.js";

/** @param {import("../evaluation.js").Estimate} estimate */
export function estimate({ value, low, high }, detail = nothing) {
  if (value == null) return html`<span class="quiet">–</span>`;
  return html`<span class="estimate"><b>${share(value)}</b> ${detail}
    <span class="interval"><i ${styles({ left: `${low * 100}%`, right: `${100 - high * 100}%` })}></i><b ${styles({ left: `${value * 100}%` })}></b></span>
    <small>${interval({ low, high })}</small></span>`;
}
