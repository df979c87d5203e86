/** Chosen pictures can be dragged onto a concept in the rail; with shift, they are not it. */
import { swallowClick } from "../dom.js";
import { plural } from "../words.js";

const STARTS_AFTER = 6; // pixels: less is a click

/**
 * @param {HTMLElement} gallery
 * @param {HTMLElement} rail whose rows say in `data-concept` which concept they are
 * @param {{selection: object, mark: (name: string, value: "positive" | "negative") => void}} page
 */
export function carry(gallery, rail, { selection, mark }) {
  const ghost = document.createElement("div");
  ghost.className = "ghost";
  ghost.hidden = true;
  document.body.append(ghost);
  let start = null;
  let over = null;

  gallery.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch" || event.shiftKey) return;
    if (event.target.closest(".tile.selected") && !event.target.closest("[data-action]")) start = event;
  });
  addEventListener("pointermove", (event) => {
    if (!start) return;
    const distance = Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY);
    if (ghost.hidden && distance < STARTS_AFTER) return;
    ghost.hidden = false;
    document.body.classList.add("is-carrying");
    light(event);
    ghost.textContent = sentence(event);
    ghost.style.setProperty("transform", `translate(${event.clientX + 14}px, ${event.clientY + 14}px)`);
  });
  addEventListener("pointerup", (event) => {
    const name = over?.dataset.concept;
    if (!finish() || !name) return;
    mark(name, event.shiftKey ? "negative" : "positive");
  });
  addEventListener("pointercancel", finish);
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || ghost.hidden) return;
    event.stopPropagation(); // they stay chosen
    finish();
  }, { capture: true });

  function light(event) {
    const row = document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-concept]");
    if (row === over) return;
    over?.classList.remove("target");
    over = row && rail.contains(row) ? row : null;
    over?.classList.add("target");
  }

  function sentence(event) {
    const pictures = plural(selection.keys.size, "photo");
    return over ? `${pictures}: ${event.shiftKey ? "not " : ""}${over.dataset.concept}` : pictures;
  }

  /** Let go; return whether anything was carried. */
  function finish() {
    const wasCarrying = !ghost.hidden;
    start = null;
    over?.classList.remove("target");
    over = null;
    ghost.hidden = true;
    document.body.classList.remove("is-carrying");
    if (wasCarrying) swallowClick();
    return wasCarrying;
  }
}
