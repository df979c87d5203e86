/** On a phone: swipe right for yes, left for no. */

const FAR_ENOUGH = 80;

/** @param {{left: () => void, right: () => void}} verdicts */
export function swipe(element, { left, right }) {
  let start = null;
  const picture = () => element.querySelector(".judged");
  const move = (x) => picture()?.style.setProperty("transform", x ? `translateX(${x}px) rotate(${x / 40}deg)` : "");

  element.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch" && event.target.closest(".frame")) start = event.clientX;
  });
  element.addEventListener("pointermove", (event) => {
    if (start !== null) move(event.clientX - start);
  });
  element.addEventListener("pointerup", (event) => {
    if (start === null) return;
    const distance = event.clientX - start;
    start = null;
    move(0);
    if (distance > FAR_ENOUGH) right();
    else if (distance < -FAR_ENOUGH) left();
  });
  element.addEventListener("pointercancel", () => {
    start = null;
    move(0);
  });
}
