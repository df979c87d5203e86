/** What clicks on the gallery do. */

/**
 * @param {HTMLElement} element
 * @param {{selection: object, actions: {open: (index: number) => void}}} gallery
 */
export function pointer(element, { selection, actions }) {
  const indexOf = (event) => {
    const tile = event.target.closest?.(".tile");
    return tile ? Number(tile.dataset.index) : null;
  };
  element.addEventListener("click", (event) => {
    const index = indexOf(event);
    if (index === null) return;
    if (event.target.closest("[data-action=open]")) actions.open(index);
    else if (event.shiftKey) selection.extendTo(index);
    else selection.toggle(index, { keep: event.ctrlKey || event.metaKey });
  });
  element.addEventListener("dblclick", (event) => {
    const index = indexOf(event);
    if (index !== null) actions.open(index);
  });
}
