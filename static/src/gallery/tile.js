/** One picture in the gallery. What is drawn on it is said in one sentence to who can’t see it. */
import { Check, CircleAlert, Maximize2 } from "lucide";
import { classMap, html, icon, nothing, styles } from "../dom.js";
import { percent, why } from "../words.js";

const SHOWN_LABELS = 3;

/**
 * @typedef {object} Look
 * @property {number} index
 * @property {number | null} total
 * @property {{x: number, y: number, width: number, height: number}} box
 * @property {boolean} isSelected
 * @property {boolean} isCurrent the keyboard is on it
 * @property {string} concept whose probability is shown
 * @property {(name: string) => string} colourOf
 */

/** @param {Look} look */
export function tile(item, look) {
  const { box, index } = look;
  const hasFailed = item.status === "failed" || item.upload?.state === "failed";
  return html`<div
    role="option"
    class=${classMap({ tile: true, selected: look.isSelected, current: look.isCurrent, failed: hasFailed })}
    id=${`tile-${item.key}`}
    data-key=${item.key}
    aria-selected=${look.isSelected}
    aria-posinset=${index + 1}
    aria-setsize=${look.total ?? -1}
    title=${item.filename}
    ${styles({
      transform: `translate(${box.x}px, ${box.y}px)`,
      width: `${box.width}px`,
      height: `${box.height}px`,
    })}
  >
    <span class="sr-only">${spoken(item, look.concept)}</span>
    ${hasFailed ? failure(item) : picture(item)}
    ${hasFailed ? nothing : labels(item, look.colourOf)}
    ${hasFailed ? nothing : badge(item, look)}
    ${item.group_size > 1 ? html`<span class="burst" title="${item.group_size} nearly the same">${item.group_size}</span>` : nothing}
    ${progress(item)}
    <span class="tick">${icon(Check)}</span>
    ${item.image_url && !hasFailed
      ? html`<span class="open" data-action="open">${icon(Maximize2)}</span>` : nothing}
  </div>`;
}

function picture(item) {
  const waiting = item.status === "pending" ? item.image_url : null;
  const source = item.upload?.objectUrl ?? item.thumbnail_url ?? waiting;
  if (!source) return html`<span class="blank"></span>`;
  return html`<img src=${source} alt="" draggable="false" decoding="async" @error=${hideBroken} @load=${show} />`;
}

/** A local file that this browser cannot show waits for the server's thumbnail. */
function hideBroken(event) {
  event.target.classList.add("unseen");
}

function show(event) {
  event.target.classList.remove("unseen");
}

function failure(item) {
  return html`<span class="failure" aria-hidden="true">
    ${icon(CircleAlert)}
    <b>${item.filename}</b>
    <span>${why(item)}</span>
  </span>`;
}

function labels(item, colourOf) {
  const all = item.labels ?? [];
  if (!all.length) return nothing;
  const more = all.length - SHOWN_LABELS;
  return html`<span class="marks" aria-hidden="true">
    ${all.slice(0, SHOWN_LABELS).map(({ concept, value }) => html`<span
      class=${classMap({ mark: true, not: value === "negative" })}
      ${styles({ "--concept": colourOf(concept) })}
    ><i class="dot"></i><span>${concept}</span></span>`)}
    ${more > 0 ? html`<span class="mark more">+${more}</span>` : nothing}
  </span>`;
}

function badge(item, { concept, colourOf }) {
  const said = concept && item.predictions?.find((prediction) => prediction.concept === concept);
  if (!said) return nothing;
  return html`<span
    aria-hidden="true"
    class=${classMap({ badge: true, present: said.present })}
    ${styles({ "--concept": colourOf(concept) })}
  ><i class="dot"></i>${percent(said.probability)}</span>`;
}

function progress(item) {
  const { upload } = item;
  if (!upload || upload.state === "failed") return nothing;
  if (item.id) {
    return item.status === "pending" ? html`<span class="reading" aria-hidden="true"></span>` : nothing;
  }
  return html`<span class="sending"><i ${styles({ width: `${Math.round(upload.progress * 100)}%` })}></i></span>`;
}

/** What a screen reader says of a picture. */
function spoken(item, concept) {
  const parts = [item.filename || "not loaded yet"];
  for (const { concept: name, value } of item.labels ?? []) {
    parts.push(value === "negative" ? `marked not ${name}` : `marked ${name}`);
  }
  const said = concept && item.predictions?.find((prediction) => prediction.concept === concept);
  if (said) parts.push(`${concept}: ${percent(said.probability)}`);
  if (item.status === "failed" || item.upload?.state === "failed") parts.push(why(item));
  else if (item.upload && !item.id) parts.push("uploading");
  return parts.join(", ");
}
