/** What the gallery shows lives in the page's address, so that links and the back button keep it. */

/**
 * @typedef {object} View
 * @property {string} q what the search box holds
 * @property {string} fold "1": of near-duplicates only the first
 * @property {string} concept name of the chosen concept, or empty
 * @property {string} label "" | "positive" | "negative" | "none"
 * @property {string} status "" | "failed" | "pending" | "ready"
 * @property {string} sort
 * @property {number} min lowest probability, in percent
 * @property {number} max highest probability, in percent
 */

/** @type {View} */
const DEFAULTS = { q: "", fold: "", concept: "", label: "", status: "", sort: "newest", min: 0, max: 100 };
const NEEDS_CONCEPT = new Set(["-probability", "probability", "uncertain"]);

/** @returns {View} */
export function readView(search = location.search) {
  const given = new URLSearchParams(search);
  const view = { ...DEFAULTS };
  for (const [name, fallback] of Object.entries(DEFAULTS)) {
    const value = given.get(name);
    if (value === null) continue;
    if (typeof fallback === "number") view[name] = clamp(Number(value), fallback);
    else view[name] = value;
  }
  return consistent(view);
}

/** Show another view: a new entry in the browser's history, or the same one changed. */
export function writeView(view, { replace = false } = {}) {
  const address = location.pathname + searchOf(view);
  if (address === location.pathname + location.search) return;
  history[replace ? "replaceState" : "pushState"](null, "", address);
}

export function searchOf(view) {
  const different = Object.entries(view).filter(([name, value]) => value !== DEFAULTS[name]);
  return different.length ? `?${new URLSearchParams(different)}` : "";
}

/** What of a view only makes sense with a concept goes when there is none. */
export function consistent(view) {
  if (view.concept) return view;
  const sort = NEEDS_CONCEPT.has(view.sort) ? DEFAULTS.sort : view.sort;
  return { ...view, sort, label: view.label === "none" ? view.label : "", min: 0, max: 100 };
}

/** The view with another concept; one that is not learnt yet has no probabilities to go by. */
export function withConcept(view, name, isLearnt) {
  const next = consistent({ ...view, concept: name });
  if (isLearnt) return next;
  return { ...next, sort: NEEDS_CONCEPT.has(next.sort) ? DEFAULTS.sort : next.sort, min: 0, max: 100 };
}

export function isFiltered(view) {
  return Boolean(view.q || view.fold || view.label || view.status || view.min > 0 || view.max < 100);
}

/** Whether files on their way belong to a view: nothing is known yet to filter or order them by. */
export function showsArrivals(view) {
  return view.sort === DEFAULTS.sort && !isFiltered(view);
}

/** Whether two views show the same pictures in the same order, with other probabilities. */
export function isOtherConceptOnly(before, after) {
  if (isFiltered(before) || isFiltered(after) || NEEDS_CONCEPT.has(after.sort)) return false;
  return before.concept !== after.concept && before.sort === after.sort;
}

export function withoutFilters(view) {
  return { ...view, q: "", fold: "", label: "", status: "", min: 0, max: 100 };
}

/** All that a view shows, as the API's filter in a body. @param {View} view */
export function filterOf(view) {
  const { sort, ...filter } = queryOf(view);
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ""));
}

/** The view as the API's query. @param {View} view */
export function queryOf(view) {
  return {
    q: view.q,
    fold: view.fold && "true",
    concept: view.concept,
    label: view.label,
    status: view.status,
    sort: view.sort === DEFAULTS.sort ? "" : view.sort,
    min_probability: view.min > 0 ? view.min / 100 : "",
    max_probability: view.max < 100 ? view.max / 100 : "",
  };
}

function clamp(value, fallback) {
  return Number.isFinite(value) ? Math.min(100, Math.max(0, Math.round(value))) : fallback;
}
