/** The picture itself, with the way to its neighbours and what lies over it. */
import { ChevronLeft, ChevronRight } from "lucide";
import { html, icon, nothing, repeat } from "../dom.js";
import { why } from "../words.js";

/** Each picture is an element of its own: one that got another source would show the last until that came. */
function picture(item) {
  return html`<img src=${item.image_url ?? item.upload?.objectUrl ?? ""} alt=${item.filename} draggable="false" />`;
}

export function stage({ item, pictures, where, go, isByPart }) {
  const at = pictures.items.indexOf(item);
  return html`<div class=${isByPart ? "stage by-part" : "stage"}>
    ${item.status === "failed" ? html`<p>${why(item)}</p>`
      : repeat([item], (one) => one.key ?? one.id, picture)}
    ${where.url ? html`<img class="where" src=${where.url} alt="Where ${where.concept} is" />` : nothing}
    ${where.isLooking ? html`<p class="looking" role="status">Looking for ${where.concept}…</p>` : nothing}
    ${where.error ? html`<p class="looking" role="alert">${where.error}</p>` : nothing}
    <button class="side left" aria-label="Previous" ?disabled=${at === 0} @click=${() => go(-1)}>${icon(ChevronLeft)}</button>
    <button class="side right" aria-label="Next" ?disabled=${at === pictures.items.length - 1} @click=${() => go(1)}>${icon(ChevronRight)}</button>
  </div>`;
}
