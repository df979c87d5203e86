/** A rail at the right edge: where in the collection one is, by date or by probability, and a way
 * to any place in it. */
import { html, nothing, oncePerFrame, render, styles } from "../dom.js";

const SCREENS = 4; // with fewer than these, the browser's own scroll bar does
const PAGE = 0.9;

/**
 * @param {HTMLElement} element
 * @param {{grid: object, pictures: object, view: () => {sort: string}}} page
 */
export function scrubber(element, { grid, pictures, view }) {
  let pointed = null; // share of the way down at which the pointer is
  let isHeld = false;
  const draw = oncePerFrame(() => render(isLong() ? template() : nothing, element));
  const isLong = () => pictures.isWhole && grid.layout.height > innerHeight * SCREENS;
  const reach = () => grid.layout.height - innerHeight;
  const shareNow = () => clamp((scrollY - grid.origin.top) / reach());

  function template() {
    const share = isHeld ? pointed : shareNow();
    return html`<div class="scrubber" role="slider" tabindex="0" aria-orientation="vertical" aria-label="Place in the photos"
      aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.round(share * 100)} aria-valuetext=${tell(share)}
      @pointerdown=${hold} @pointermove=${point} @pointerup=${release} @pointercancel=${release} @pointerleave=${leave} @keydown=${keyDown}>
      <i class="place" ${styles({ top: `${share * 100}%` })}></i>
      ${pointed === null ? nothing : html`<output ${styles({ top: `${pointed * 100}%` })}>${tell(pointed)}</output>`}
    </div>`;
  }

  const shareOf = (event) => {
    const { top, height } = event.currentTarget.getBoundingClientRect();
    return clamp((event.clientY - top) / height);
  };
  const goTo = (share) => scrollTo(0, grid.origin.top + share * reach());

  function hold(event) {
    event.currentTarget.setPointerCapture(event.pointerId);
    isHeld = true;
    point(event);
  }

  function point(event) {
    pointed = shareOf(event);
    if (isHeld) goTo(pointed);
    draw();
  }

  function release() {
    isHeld = false;
    draw();
  }

  function leave() {
    if (isHeld) return;
    pointed = null;
    draw();
  }

  function keyDown(event) {
    const step = { ArrowDown: 0.02, ArrowUp: -0.02, PageDown: 0.1, PageUp: -0.1 }[event.key];
    if (step) goTo(clamp(shareNow() + step));
    else if (event.key === "Home") goTo(0);
    else if (event.key === "End") goTo(1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** What begins at a place, in words. */
  function tell(share) {
    const index = grid.at(share * reach() + innerHeight * share * PAGE);
    const mark = pictures.marks.findLast(({ at }) => at <= index);
    return mark ? worded(mark.value, view().sort) : `${Math.round(share * 100)} %`;
  }

  pictures.addEventListener("change", draw);
  addEventListener("scroll", draw, { passive: true });
  addEventListener("resize", draw);
  return draw;
}

function worded(value, sort) {
  if (/^\d{4}-/.test(value)) {
    return new Date(value).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
  }
  return sort === "uncertain" ? `± ${value} %` : `${value} %`;
}

function clamp(share) {
  return Math.min(1, Math.max(0, share || 0));
}
