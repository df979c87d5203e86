/** The whole window takes files: dropped, pasted, or chosen with a button. */
import { getDroppedFiles } from "@uppy/core/utils";

/**
 * @param {HTMLElement} overlay shown while files hover over the window
 * @param {(files: File[]) => void} take
 */
export function dropZone(overlay, take) {
  let depth = 0;
  let isOurs = false; // a picture of this page that is dragged looks like a file
  const hasFiles = (event) => !isOurs && event.dataTransfer?.types.includes("Files");
  const show = (isOver) => { overlay.hidden = !isOver; };

  addEventListener("dragstart", () => { isOurs = true; });
  for (const kind of ["dragend", "pointermove"]) addEventListener(kind, () => { isOurs = false; }); // while one drags, no pointer moves
  addEventListener("dragenter", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth += 1;
    show(true);
  });
  addEventListener("dragleave", (event) => {
    if (!hasFiles(event)) return;
    depth = Math.max(0, depth - 1);
    if (!depth) show(false);
  });
  addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  addEventListener("drop", async (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    show(false);
    if (event.target.closest?.("[data-takes-files]")) return;
    const files = await getDroppedFiles(event.dataTransfer);
    if (files.length) take(files.sort(byPath));
  });
  addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) take(files);
  });
}

/** Folders are handed over in the order of the disk; people know the one of their names. */
function byPath(a, b) {
  const [first, second] = [a, b].map((file) => file.relativePath || file.webkitRelativePath || file.name);
  return first.localeCompare(second, undefined, { numeric: true });
}

/** Hand on what is chosen in a file field, and empty it so that the same can be chosen again. */
export function fileField(input, take) {
  input.addEventListener("change", () => {
    const files = [...input.files];
    input.value = "";
    if (files.length) take(files);
  });
}
