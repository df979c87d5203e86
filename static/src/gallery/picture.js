/** One picture of the gallery, as little or as much of it as is known. */

/**
 * @typedef {object} Picture
 * @property {string} key stays the same from the file's drop on, so that nothing flickers
 * @property {number | null} id
 * @property {object | null} upload what is known of a file that is on its way
 * @property {number} [arrivedAt] when the server had it, if it was uploaded here
 * @property {boolean} [isShell] only its shape is known
 * @property {{all: number, arrivals: number}} [asked] what had happened when it was asked for
 * @property {number} [unsaved] how much that was said of it is still on its way
 * @property {number} [savedAt] when the last of it had arrived
 */

/** @returns {Picture} a picture of which an outline tells no more than the shape, and the filter its status */
export function shellOf(id, width, status) {
  return { key: `image-${id}`, id, upload: null, isShell: true, filename: "", width, height: 100, status: status || "ready" };
}

/** Say something of a picture: that it shows a concept, that it does not, or (with null) nothing. */
export function say(item, concept, value) {
  const others = (item.labels ?? []).filter((label) => label.concept !== concept);
  item.labels = value ? [...others, { concept, value }] : others;
}

/** Whether to ask for a picture (again), given what has happened. */
export function wants(item, now) {
  if (!item.id) return false;
  if (!item.asked) return true;
  if (item.asked.all < now.all) return true;
  return item.status === "pending" && item.asked.arrivals < now.arrivals;
}

/** Whether a list that was asked for then cannot tell of a picture: it came later, or has yet to. */
export function isBeyond(item, asked) {
  return !item.id || item.arrivedAt > asked;
}
