/** Everything the gallery does, by key. */
import { isTyping } from "../dom.js";

/**
 * @param {HTMLElement} element the list of pictures
 * @param {object} gallery grid, selection, pictures, and what keys do: label, palette, open, remove, undo, redo, help
 */
export function keyboard(element, { grid, selection, pictures, actions }) {
  const moves = {
    ArrowLeft: () => selection.cursor - 1,
    ArrowRight: () => selection.cursor + 1,
    ArrowUp: () => grid.above(selection.cursor),
    ArrowDown: () => grid.below(selection.cursor),
    Home: () => 0,
    End: () => pictures.items.length - 1,
  };

  const commands = {
    " ": () => selection.toggle(selection.cursor),
    Enter: () => actions.open(selection.cursor),
    a: () => selection.all(),
    c: () => actions.palette(),
    "/": () => actions.palette(),
    "?": () => actions.help(),
    Delete: () => actions.remove(),
    z: () => actions.undo(),
    y: () => actions.redo(),
  };

  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || isTyping(event) || isMenuOpen()) return;
    if (withCommand(event) || (!event.ctrlKey && !event.metaKey && plain(event))) event.preventDefault();
  });

  function withCommand(event) {
    if (!event.ctrlKey && !event.metaKey) return false;
    const key = event.key.toLowerCase();
    if (key === "a") selection.all();
    else if (key === "z" && !event.shiftKey) actions.undo();
    else if (key === "y" || (key === "z" && event.shiftKey)) actions.redo();
    else return false;
    return true;
  }

  function plain(event) {
    // `code`: with shift, a digit's key is another character on every keyboard.
    const isTypedWithShift = event.key === "/"; // with 7, on a German keyboard
    const digit = !isTypedWithShift && /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
    if (digit) {
      actions.label(Number(digit) - 1, event.shiftKey ? "negative" : "positive");
      return true;
    }
    if (isControl(event.target) && (event.key === "Enter" || event.key === " ")) return false;
    if (event.key === "Escape") {
      selection.clear();
      return false; // the browser, too, has something to close
    }
    if (moves[event.key]) return move(event);
    const command = commands[event.key];
    command?.();
    return Boolean(command);
  }

  function move(event) {
    if (!pictures.items.length || isControl(event.target)) return false;
    element.focus({ preventScroll: true });
    const isFirst = !element.classList.contains("by-keyboard");
    element.classList.add("by-keyboard");
    const index = isFirst ? firstOf(grid, selection) : moves[event.key]();
    const to = Math.max(0, Math.min(index, pictures.items.length - 1));
    if (event.shiftKey) selection.extendTo(to);
    else selection.moveTo(to);
    grid.reveal(to);
    return true;
  }

  addEventListener("pointerdown", () => element.classList.remove("by-keyboard"));
}

/** The keyboard starts on what is seen. */
function firstOf(grid, selection) {
  const [first, end] = grid.visible();
  return selection.cursor >= first && selection.cursor < end ? selection.cursor : first;
}

function isMenuOpen() {
  return Boolean(document.querySelector(":popover-open"));
}

function isControl(target) {
  return target instanceof Element && target.closest("button, a, select, input, summary, [role=menuitem]");
}
