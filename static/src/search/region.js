/** A box over the large picture, dragged or moved by the arrow keys, to find photos like that part. */

const SMALLEST = 0.03; // of the picture's width or height: less is a click
const STEP = 0.02;
const MIDDLE = [0.3, 0.3, 0.7, 0.7];
const ARROWS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };

/**
 * @param {HTMLElement} dialog
 * @param {{isOn: () => boolean, search: (box: number[]) => void}} options
 */
export function region(dialog, { isOn, search }) {
  const frame = Object.assign(document.createElement("button"), { type: "button", className: "region", hidden: true });
  frame.setAttribute("aria-label", "Part to search by. Arrow keys move it, with Shift they size it, Enter searches.");
  let picture = null;
  let box = MIDDLE;
  let start = null;

  const place = (event) => {
    const shown = shownBox(picture);
    const share = (value, from, extent) => Math.min(1, Math.max(0, (value - from) / extent));
    return [share(event.clientX, shown.left, shown.width), share(event.clientY, shown.top, shown.height)];
  };
  const boxTo = ([x, y]) => [Math.min(start[0], x), Math.min(start[1], y), Math.max(start[0], x), Math.max(start[1], y)];

  function show(next) {
    box = next;
    const [left, top, right, bottom] = box;
    const shown = shownBox(picture);
    const around = picture.parentElement.getBoundingClientRect();
    if (frame.parentElement !== picture.parentElement) picture.parentElement.append(frame);
    frame.hidden = false;
    frame.style.setProperty("left", `${shown.left - around.left + left * shown.width}px`);
    frame.style.setProperty("top", `${shown.top - around.top + top * shown.height}px`);
    frame.style.setProperty("width", `${(right - left) * shown.width}px`);
    frame.style.setProperty("height", `${(bottom - top) * shown.height}px`);
  }

  dialog.addEventListener("pointerdown", (event) => {
    const pressed = event.target.closest(".stage > img:not(.where)");
    if (!pressed || !isOn() || event.button !== 0) return;
    event.preventDefault();
    picture = pressed;
    start = place(event);
    picture.setPointerCapture(event.pointerId);
  });
  dialog.addEventListener("pointermove", (event) => {
    if (start) show(boxTo(place(event)));
  });
  dialog.addEventListener("pointerup", (event) => {
    if (!start) return;
    const dragged = boxTo(place(event));
    start = null;
    if (dragged[2] - dragged[0] > SMALLEST && dragged[3] - dragged[1] > SMALLEST) search(dragged);
    else frame.hidden = true;
  });
  dialog.addEventListener("pointercancel", () => { start = null; });
  frame.addEventListener("click", () => search(box));
  frame.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow) return;
    event.preventDefault();
    event.stopPropagation();
    show(event.shiftKey ? sized(box, arrow) : moved(box, arrow));
  });
  addEventListener("resize", () => { if (!frame.hidden) show(box); });

  return {
    /** Put a box in the middle, for the keys to move. */
    begin() {
      picture = dialog.querySelector(".stage > img:not(.where)");
      if (!picture) return;
      show(MIDDLE);
      frame.focus({ preventScroll: true });
    },
    clear: () => { frame.hidden = true; start = null; },
  };
}

/** Where the picture itself is: its element may be wider or higher. */
function shownBox(picture) {
  const around = picture.getBoundingClientRect();
  if (!picture.naturalWidth) return around; // it is still on its way
  const scale = Math.min(around.width / picture.naturalWidth, around.height / picture.naturalHeight);
  const [width, height] = [picture.naturalWidth * scale, picture.naturalHeight * scale];
  return { left: around.left + (around.width - width) / 2, top: around.top + (around.height - height) / 2, width, height };
}

function moved([left, top, right, bottom], [x, y]) {
  const across = Math.min(1 - right, Math.max(-left, x));
  const down = Math.min(1 - bottom, Math.max(-top, y));
  return [left + across, top + down, right + across, bottom + down];
}

function sized([left, top, right, bottom], [x, y]) {
  const within = (value, from) => Math.min(1, Math.max(from + 2 * SMALLEST, value));
  return [left, top, within(right + x, left), within(bottom + y, top)];
}
