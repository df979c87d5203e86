/** Choosing pictures by drawing a box around them, with the page scrolling along at its edges. */
import { swallowClick } from "../dom.js";

const STARTS_AFTER = 6; // pixels: less is a click
const EDGE = 60;
const NO_BOX = "button, a, input, select, label, [data-action], [popover], [role=slider], [role=toolbar], .tile.selected";

/**
 * @param {HTMLElement} area where a box may begin
 * @param {{grid: object, selection: object}} gallery
 */
export function dragBox(area, { grid, selection }) {
  const box = document.createElement("div");
  box.className = "drag-box";
  box.hidden = true;
  document.body.append(box);
  let start = null;
  let before = new Set();
  let pointer = null;
  let frame = 0;

  area.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch") return;
    if (event.target.closest(NO_BOX)) return;
    start = { x: event.pageX, y: event.pageY };
  });
  addEventListener("pointermove", (event) => {
    if (!start) return;
    pointer = { clientX: event.clientX, clientY: event.clientY };
    const moved = Math.hypot(event.pageX - start.x, event.pageY - start.y);
    if (box.hidden && moved < STARTS_AFTER) return;
    if (box.hidden) begin();
    if (!frame) frame = requestAnimationFrame(follow);
  });
  addEventListener("pointerup", () => {
    if (frame) follow(); // a quick hand lets go before the last move was drawn
    finish();
  });
  addEventListener("pointercancel", finish);
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || box.hidden) return;
    selection.replace(before);
    finish();
  });

  function begin() {
    selection.startAnew();
    before = new Set(selection.keys);
    box.hidden = false;
    document.body.classList.add("is-dragging-box");
    getSelection()?.removeAllRanges();
  }

  function follow() {
    frame = 0;
    if (!start || box.hidden) return;
    const speed = edgeSpeed(pointer.clientY);
    if (speed) scrollBy(0, speed);
    const x = pointer.clientX + scrollX;
    const y = pointer.clientY + scrollY;
    const rectangle = {
      left: Math.min(x, start.x),
      right: Math.max(x, start.x),
      top: Math.min(y, start.y),
      bottom: Math.max(y, start.y),
    };
    box.style.setProperty("transform", `translate(${rectangle.left}px, ${rectangle.top}px)`);
    box.style.setProperty("width", `${rectangle.right - rectangle.left}px`);
    box.style.setProperty("height", `${rectangle.bottom - rectangle.top}px`);
    const inside = grid.touching(rectangle).map((item) => item.key);
    selection.replace([...before, ...inside]);
    if (speed) frame = requestAnimationFrame(follow);
  }

  function finish() {
    if (!start) return;
    start = null;
    cancelAnimationFrame(frame);
    frame = 0;
    if (box.hidden) return;
    box.hidden = true;
    document.body.classList.remove("is-dragging-box");
    swallowClick();
  }
}

function edgeSpeed(y) {
  if (y < EDGE) return -Math.ceil((EDGE - y) / 3);
  if (y > innerHeight - EDGE) return Math.ceil((y - innerHeight + EDGE) / 3);
  return 0;
}
