/** Several pictures at once, all of them meant until one is clicked. */
import { Check, X } from "lucide";
import { opened } from "./dialogs.js";
import { classMap, html, icon, nothing, render, repeat } from "./dom.js";

/**
 * @param {{items: object[], left: Set<number>, toggle: (id: number) => void}} what `left` holds the
 *   ids of those that are not meant
 */
export function picks({ items, left, toggle }) {
  return html`<ul class="picks">${repeat(items, (item) => item.id, (item) => html`<li>
    <button class=${classMap({ candidate: true, left: left.has(item.id) })} aria-pressed=${!left.has(item.id)}
      aria-label=${item.filename} @click=${() => toggle(item.id)}>
      <img src=${item.thumbnail_url ?? item.image_url} alt="" draggable="false" /><span>${icon(left.has(item.id) ? X : Check)}</span>
    </button></li>`)}</ul>`;
}

/** Take an id out of a set, or put it in. */
export function toggled(left, id) {
  if (!left.delete(id)) left.add(id);
}

/**
 * @param {{title: string, text?: string, items: object[], action: (count: number) => string}} what
 * @returns {Promise<{picked: object[], left: object[]} | null>}
 */
export async function askToPick({ title, text = "", items, action }) {
  const left = new Set();
  let answer = null;
  let dialog = null;

  function draw() {
    const picked = items.filter((item) => !left.has(item.id));
    render(html`<h2>${title}</h2>${text ? html`<p class="quiet">${text}</p>` : nothing}
      ${picks({ items, left, toggle: (id) => { toggled(left, id); draw(); } })}
      <p class="actions"><button @click=${() => dialog.close()}>Cancel</button>
        <button class="primary" autofocus ?disabled=${!picked.length} @click=${finish}>${action(picked.length)}</button></p>`, dialog);
  }

  function finish() {
    answer = { picked: items.filter((item) => !left.has(item.id)), left: items.filter((item) => left.has(item.id)) };
    dialog.close();
  }

  await opened("dialog pick-dialog", title, (empty) => {
    dialog = empty;
    draw();
  });
  return answer;
}
