/** Drag a box over the large picture to find photos like that part of it. */

const SMALLEST = 0.03; // of the picture's width or height: less is a click

/**
 * @param {HTMLElement} dialog
 * @param {{isOn: () => boolean, search: (box: number[]) => void}} options
 */
export function region(dialog, { isOn, search }) {
  const frame = document.createElement("div");
  frame.className = "region";
  frame.hidden = true;
  let picture = null;
  let start = null;

  const place = (event) => {
    const box = drawn(picture);
    const share = (value, from, extent) => Math.min(1, Math.max(0, (value - from) / extent));
    return [share(event.clientX, box.left, box.width), share(event.clientY, box.top, box.height)];
  };
  const boxTo = ([x, y]) => [Math.min(start[0], x), Math.min(start[1], y), Math.max(start[0], x), Math.max(start[1], y)];

  function show([left, top, right, bottom]) {
    const box = drawn(picture);
    const around = picture.parentElement.getBoundingClientRect();
    if (frame.parentElement !== picture.parentElement) picture.parentElement.append(frame);
    frame.hidden = false;
    frame.style.setProperty("left", `${box.left - around.left + left * box.width}px`);
    frame.style.setProperty("top", `${box.top - around.top + top * box.height}px`);
    frame.style.setProperty("width", `${(right - left) * box.width}px`);
    frame.style.setProperty("height", `${(bottom - top) * box.height}px`);
  }

  dialog.addEventListener("pointerdown", (event) => {
    picture = event.target.closest(".stage > img:not(.where)");
    if (!picture || !isOn() || event.button !== 0) return;
    event.preventDefault();
    start = place(event);
    picture.setPointerCapture(event.pointerId);
  });
  dialog.addEventListener("pointermove", (event) => {
    if (start) show(boxTo(place(event)));
  });
  dialog.addEventListener("pointerup", (event) => {
    if (!start) return;
    const box = boxTo(place(event));
    start = null;
    if (box[2] - box[0] > SMALLEST && box[3] - box[1] > SMALLEST) search(box);
    else frame.hidden = true;
  });
  dialog.addEventListener("pointercancel", () => { start = null; });

  return { clear: () => { frame.hidden = true; start = null; } };
}

/** Where the picture itself is drawn: whole, in the middle of its element. */
function drawn(image) {
  const box = image.getBoundingClientRect();
  const scale = Math.min(box.width / image.naturalWidth, box.height / image.naturalHeight) || 0;
  const [width, height] = [image.naturalWidth * scale, image.naturalHeight * scale];
  return { left: box.left + (box.width - width) / 2, top: box.top + (box.height - height) / 2, width, height };
}
