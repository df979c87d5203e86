/** How what the server would show now differs from what is shown. */

/**
 * @param {{items: {id: number}[], total: number | null}} page the first of what it would show
 * @param {import("./picture.js").Picture[]} shown
 * @param {string} sort
 * @returns {"" | "new" | "changed"}
 */
export function differenceOf(page, shown, sort) {
  const isByTime = sort === "newest" || sort === "oldest"; // there nothing moves
  const ids = new Set(shown.map((item) => item.id));
  if (page.items.some((record) => !ids.has(record.id))) return isByTime ? "new" : "changed";
  if ((page.total ?? 0) < shown.length) return "changed";
  const isMoved = page.items.some((record, i) => shown[i]?.id !== record.id);
  return isMoved && !isByTime ? "changed" : "";
}

/** @param {import("./picture.js").Picture[]} shown */
export function isNewestFirst(shown) {
  return shown.every((item, i) => !i || item.id < shown[i - 1].id);
}
