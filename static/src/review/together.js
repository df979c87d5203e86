/** The surest matches, to be confirmed many at once. */
import { Check } from "lucide";
import { html, icon } from "../dom.js";
import { picks, toggled } from "../picks.js";
import { plural } from "../words.js";

export function together({ queue, concept, confirm, redraw }) {
  const { left } = queue;
  const out = queue.items.filter((item) => left.has(item.id));
  const picked = queue.items.filter((item) => !left.has(item.id));
  const toggle = (id) => {
    toggled(left, id);
    redraw();
  };
  return html`
    <p class="quiet">Click those that are not.</p>
    <div class="together">${picks({ items: queue.items, left, toggle })}</div>
    <div class="verdicts confirm">
      <button class="primary big" @click=${() => confirm(picked, out)}>${icon(Check)}${sentence(picked.length, out.length, concept())}</button>
    </div>`;
}

function sentence(picked, out, concept) {
  if (!picked) return `None of these is ${concept}`;
  if (!out) return picked === 1 ? "Confirm it" : `Confirm all ${picked}`;
  return `Confirm ${plural(picked, "photo")}, not the ${out === 1 ? "one" : out} clicked`;
}
