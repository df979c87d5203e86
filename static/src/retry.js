/** Pictures of ours that did not come are asked for again: the server or the way was busy. */

const AGAIN_AFTER = [1500, 6000, 25_000]; // ms

const OURS = "/media/";

/** From now on, on the whole page. */
export function retryBrokenPictures() {
  const tries = new WeakMap();
  addEventListener("error", ({ target }) => {
    if (!(target instanceof HTMLImageElement) || !new URL(target.src, location.href).pathname.startsWith(OURS)) return;
    const { src } = target;
    const { count } = tries.get(target)?.src === src ? tries.get(target) : { count: 0 };
    if (count === AGAIN_AFTER.length) return;
    tries.set(target, { src, count: count + 1 });
    setTimeout(() => {
      if (target.isConnected && target.src === src) target.src = src;
    }, AGAIN_AFTER[count]);
  }, { capture: true }); // the event of a picture doesn't bubble
}
