/** Rendering: lit-html escapes every value, so a name is only ever text. */
import { html, nothing, render, svg } from "lit-html";
import { Directive, directive } from "lit-html/directive.js";

export { html, nothing, render };
export { repeat } from "lit-html/directives/repeat.js";
export { classMap } from "lit-html/directives/class-map.js";
export { ifDefined } from "lit-html/directives/if-defined.js";
export { live } from "lit-html/directives/live.js";
export { ref } from "lit-html/directives/ref.js";

class Styles extends Directive {
  render() {
    return nothing;
  }

  update(part, [properties]) {
    for (const [name, value] of Object.entries(properties)) {
      if (this[name] === value) continue;
      this[name] = value;
      part.element.style.setProperty(name, value);
    }
    return this.render();
  }
}

/** Sets styles through the CSSOM: our content policy forbids style attributes. Use it as
 * `<i ${styles({"--concept": colour})}></i>`. */
export const styles = directive(Styles);

/**
 * Draw one of lucide's icons.
 * @param {Array<[string, Record<string, string>]>} node
 */
export function icon(node) {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${node.map(shape)}</svg>`;
}

function shape([tag, a]) {
  switch (tag) {
    case "path":
      return svg`<path d=${a.d} />`;
    case "circle":
      return svg`<circle cx=${a.cx} cy=${a.cy} r=${a.r} />`;
    case "line":
      return svg`<line x1=${a.x1} y1=${a.y1} x2=${a.x2} y2=${a.y2} />`;
    case "rect":
      return svg`<rect x=${a.x} y=${a.y} width=${a.width} height=${a.height} rx=${a.rx ?? 0} />`;
    case "polyline":
      return svg`<polyline points=${a.points} />`;
    default:
      return nothing;
  }
}

/** Run `work` once in the next frame, however often it is asked for. */
export function oncePerFrame(work) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      work();
    });
  };
}

/**
 * Run `work` when nothing has asked for it during `ms`, but at least every `most` ms, and never
 * twice at a time.
 */
export function debounced(work, ms, most = ms * 4) {
  let timer = 0;
  let first = 0;
  let isRunning = false;
  const ask = () => {
    const now = performance.now();
    if (!timer) first = now;
    clearTimeout(timer);
    timer = setTimeout(run, Math.max(0, Math.min(ms, first + most - now)));
  };
  async function run() {
    timer = 0;
    if (isRunning) {
      ask();
      return;
    }
    isRunning = true;
    try {
      await work();
    } finally {
      isRunning = false;
    }
  }
  return ask;
}

/** The click that ends a drag is no click. */
export function swallowClick() {
  const swallow = (event) => event.stopPropagation();
  addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => removeEventListener("click", swallow, { capture: true }), 0);
}

/** Whether the keys typed now belong to a field or an open dialog. */
export function isTyping(event) {
  const target = event.composedPath()[0];
  if (document.querySelector("dialog[open]")) return true;
  return target instanceof HTMLElement && (target.isContentEditable
    || (target.matches("input, select, textarea") && target.type !== "range" && target.type !== "checkbox"));
}
