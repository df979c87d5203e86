/** What clicks on the gallery do. */

/**
 * @param {HTMLElement} element
 * @param {{selection: object, pictures: object, actions: {open: (index: number) => void}}} gallery
 */
export function pointer(element, { selection, pictures, actions }) {
  /** Where the picture that was clicked is by now; others may have come before it is drawn anew. */
  const indexOf = (event) => {
    const key = event.target.closest?.(".tile")?.dataset.key;
    return pictures.items.findIndex((item) => item.key === key);
  };
  element.addEventListener("click", (event) => {
    const index = indexOf(event);
    if (index < 0) return;
    if (event.target.closest("[data-action=open]")) actions.open(index);
    else if (event.shiftKey) selection.extendTo(index);
    else selection.toggle(index, { keep: event.ctrlKey || event.metaKey });
  });
  element.addEventListener("dblclick", (event) => {
    const index = indexOf(event);
    if (index >= 0) actions.open(index);
  });
}
