/** How far the upload is, and what could not be taken, at the lower edge of the page. */
import { Pause, Play, X } from "lucide";
import { classMap, html, icon, nothing, render, styles } from "../dom.js";
import { duration, plural } from "../words.js";

const LISTED = 100;
const SPEED_OVER = 15_000; // ms
const JUDGED_AFTER = 4000; // ms

/**
 * @param {import("./uploader.js").Uploader} uploader
 * @param {{isInOrderOfDrop: () => boolean, sort: () => void}} gallery
 */
export function tray(element, uploader, gallery) {
  const speed = new Speed();
  const draw = () => render(uploader.arrivals.length || uploader.missing.length ? template(uploader, speed, gallery) : nothing, element);
  uploader.addEventListener("change", draw);
}

function template(uploader, speed, { isInOrderOfDrop, sort }) {
  const { arrivals } = uploader;
  const failed = uploader.of("failed");
  const duplicates = uploader.of("duplicate");
  const open = uploader.of("waiting", "sending");
  const settled = arrivals.length - open.length;
  const share = settled / (arrivals.length || 1);
  return html`<section class="tray" aria-label="Upload">
    <header>
      <div class="headline" aria-live="polite">${headline(uploader, open.length, settled, speed)}</div>
      ${open.length
        ? html`<button class="quiet-button" aria-label=${uploader.isPaused ? "Go on" : "Pause"}
            @click=${() => (uploader.isPaused ? uploader.resume() : uploader.pause())}>${icon(uploader.isPaused ? Play : Pause)}</button>`
        : html`<button class="quiet-button" aria-label="Close" @click=${() => uploader.dismiss()}>${icon(X)}</button>`}
    </header>
    ${open.length ? html`<div class="bar" role="progressbar" aria-label="Uploaded" aria-valuemin="0" aria-valuemax="100"
      aria-valuenow=${Math.round(share * 100)}><i ${styles({ transform: `scaleX(${share})` })}></i></div>` : nothing}
    ${uploader.missing.length && !open.length ? html`<p class="missing">${plural(uploader.missing.length, "photo")} from before
      could not be kept. Add them again: what is here already is skipped.</p>` : nothing}
    ${failed.length || duplicates.length ? html`<ul>
      ${failed.slice(0, LISTED).map((arrival) => problem(uploader, arrival))}
      ${failed.length > LISTED ? html`<li>and ${plural(failed.length - LISTED, "more file")}</li>` : nothing}
      ${duplicates.length ? html`<li class="duplicate">${already(duplicates)}</li>` : nothing}
    </ul>` : nothing}
    ${!open.length && isInOrderOfDrop() ? html`<button class="link" @click=${() => { uploader.dismiss(); sort(); }}>They are in the
      order you dropped them. Show the newest first</button>` : nothing}
    ${failed.filter((arrival) => arrival.canRetry).length > 1
      ? html`<button class="link" @click=${() => uploader.retry(failed.filter((arrival) => arrival.canRetry))}>Try all again</button>` : nothing}
  </section>`;
}

function headline(uploader, open, settled, speed) {
  const total = uploader.arrivals.length;
  if (uploader.isServerAway) return html`<b>Connection lost.</b> ${plural(open, "photo")} will go on by themselves.`;
  if (uploader.isPaused && open) return html`<b>Paused</b> at ${settled} of ${plural(total, "photo")}`;
  if (open) {
    return html`<b>Uploading ${settled.toLocaleString("en")} of ${plural(total, "photo")}</b>
      <span class="quiet">${speed.left(settled, open)}</span>`;
  }
  if (!total) return html`<b>Some photos are not sent yet</b>`;
  const added = uploader.of("done").length;
  const failed = uploader.of("failed").length;
  return html`<b>${added ? `${plural(added, "photo")} added` : "Nothing added"}</b>
    ${failed ? html`<span class="bad">${plural(failed, "file")} could not be used</span>` : nothing}`;
}

function problem(uploader, arrival) {
  return html`<li class=${classMap({ failed: true })}>
    <b>${arrival.name}</b> <span>${arrival.message}</span>
    ${arrival.canRetry ? html`<button class="link" @click=${() => uploader.retry([arrival])}>Try again</button>` : nothing}
  </li>`;
}

function already(duplicates) {
  if (duplicates.length === 1) return html`<b>${duplicates[0].name}</b> is here already.`;
  return html`${plural(duplicates.length, "photo")} were here already.`;
}

/** How long it will take, judged by the last seconds. */
class Speed {
  #seen = [];

  left(settled, open) {
    const now = performance.now();
    this.#seen.push([now, settled]);
    this.#seen = this.#seen.filter(([time]) => now - time < SPEED_OVER);
    const [since, before] = this.#seen[0];
    const perSecond = ((settled - before) / (now - since)) * 1000;
    return perSecond > 0 && now - since > JUDGED_AFTER ? `${duration(open / perSecond)} left` : "";
  }
}
