/** The API, as the pages call it: JSON in, JSON out, errors in the user's words. */

const BASE = "/api/v1";

/** An answer that says no. `message` is fit to show. */
export class ApiError extends Error {
  /**
   * @param {string} message
   * @param {{status?: number, code?: string, details?: object}} [facts]
   */
  constructor(message, { status = 0, code = "", details = {} } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

/** Turn an error answer's body into an ApiError, whatever came back. */
export function errorFrom(status, body) {
  if (status === 401) return new ApiError("You are signed out. Sign in again to go on.", { status });
  const told = body?.error;
  if (told?.message) return new ApiError(told.message, { status, ...told });
  if (status === 403) return new ApiError("This page is too old. Reload it and try again.", { status });
  if (status === 413) return new ApiError("This is too large to send.", { status });
  return new ApiError("Something went wrong on the server. Try again in a moment.", { status });
}

/** Statuses that are no answer of ours: none came, or a proxy's in its place. */
export const AWAY = [0, 502, 503, 504];

/**
 * @param {string} method
 * @param {string} path below /api/v1
 * @param {{json?: unknown, form?: FormData, query?: Record<string, unknown>, signal?: AbortSignal, keepalive?: boolean}} [options]
 *   `keepalive`: it goes on when the page is left
 */
export async function call(method, path, { json, form, query, signal, keepalive = false } = {}) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  if (json !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(BASE + path + queryString(query), {
      method,
      headers,
      signal,
      keepalive,
      body: json === undefined ? form : JSON.stringify(json),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError("The server cannot be reached. Is it running?");
  }
  if (response.ok && response.headers.get("Content-Type")?.startsWith("image/")) return response.blob();
  const body = response.status === 204 ? null : await bodyOf(response);
  if (!response.ok) throw errorFrom(response.status, body);
  return body;
}

/** An answer's JSON; null where it says no in another way. */
async function bodyOf(response) {
  try {
    return await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    if (response.ok) throw new ApiError("The server's answer was cut off. Try again.");
    return null;
  }
}

function queryString(query) {
  const wanted = Object.entries(query ?? {}).filter(([, value]) => value !== "" && value != null);
  return wanted.length ? `?${new URLSearchParams(wanted)}` : "";
}

/** The calls of one project. @param {number} id */
export function projectApi(id) {
  const at = `/projects/${id}`;
  return {
    uploadUrl: `${BASE}${at}/images`,
    eventsUrl: `${BASE}${at}/events`,
    summary: () => call("GET", `${at}/summary`),
    images: (query, signal) => call("GET", `${at}/images`, { query, signal }),
    countImages: async (query, signal) => (await call("GET", `${at}/images/count`, { query, signal })).count,
    outline: (query, signal) => call("GET", `${at}/images/outline`, { query, signal }),
    known: async (sha256) => (await call("POST", `${at}/images/known`, { json: { sha256 } })).items,
    where: (image, concept) => call("GET", `${at}/images/${image}/where`, { query: { concept } }),
    image: (image) => call("GET", `${at}/images/${image}`),
    imagesById: async (ids) =>
      ids.length ? (await call("GET", `${at}/images`, { query: { ids: ids.join(","), limit: ids.length } })).items : [],
    deleteImages: (images) => call("POST", `${at}/images/delete`, { json: { images } }),
    addImage: (file) => call("POST", `${at}/images`, { form: formOf([file]) }),
    addConcept: (name) => call("POST", `${at}/concepts`, { json: { name } }),
    changeConcept: (concept, change) => call("PATCH", `${at}/concepts/${concept}`, { json: change }),
    deleteConcept: (concept) => call("DELETE", `${at}/concepts/${concept}`),
    labelMany: (chosen, concept, value) => call("POST", `${at}/labels/many`, { json: { ...chosen, concept, value } }),
    setLabels: (labels) => call("POST", `${at}/labels`, { json: { labels } }),
    setLabelsOnLeaving: (labels) => call("POST", `${at}/labels`, { json: { labels }, keepalive: true }),
    refine: () => call("POST", `${at}/refine`),
    stopRefining: () => call("DELETE", `${at}/refine`),
    versionExport: (number) => call("GET", `${at}/versions/${number}/export`),
    exportVersion: (number) => call("POST", `${at}/versions/${number}/export`),
    train: () => call("POST", `${at}/train`, { query: { wait: 30 } }),
    keepForTesting: (images, test) => call("POST", `${at}/images/test`, { json: { images, test } }),
    versionHistory: () => call("GET", `${at}/versions/history`),
    version: (number) => call("GET", `${at}/versions/${number}`),
    evaluation: (number, source) => call("GET", `${at}/versions/${number}/evaluation`, { query: { source } }),
    judged: (number, source, concept) => call("GET", `${at}/versions/${number}/predictions`, { query: { source, concept } }),
    compare: (before, after) => call("GET", `${at}/versions/compare`, { query: { before, after } }),
    why: (image, concept) => call("GET", `${at}/images/${image}/why`, { query: { concept } }),
    changeVersion: (number, change) => call("PATCH", `${at}/versions/${number}`, { json: change }),
    deleteVersion: (number) => call("DELETE", `${at}/versions/${number}`),
    setThreshold: (number, concept, threshold) =>
      call("PUT", `${at}/versions/${number}/threshold`, { json: { concept, threshold } }),
    searchByPart: (image, box, limit = 9) => call("POST", `${at}/search`, { json: { region: { image, box } }, query: { limit } }),
    searchByFile: (file, limit) => call("POST", `${at}/search`, { form: formOf([file]), query: { limit } }),
    completions: (text) => call("GET", `${at}/search/completions`, { query: { text } }),
    savedSearches: () => call("GET", `${at}/searches`),
    saveSearch: (name, query) => call("POST", `${at}/searches`, { json: { name, query } }),
    deleteSearch: (id) => call("DELETE", `${at}/searches/${id}`),
    findings: () => call("GET", `${at}/care`),
    settleFinding: (id, what) => call("POST", `${at}/care/${id}/${what}`),
    clusters: () => call("GET", `${at}/clusters`),
    teachMost: () => call("GET", `${at}/teach-most`),
    settle: (image, concept, value) => call("POST", `${at}/images/${image}/settle`, { json: { concept, value } }),
    setNote: (image, note) => call("PATCH", `${at}/images/${image}`, { json: { note } }),
    similarTo: (image, limit = 9) => call("POST", `${at}/search`, { json: { image }, query: { limit } }),
    predictFiles: (files, who) => call("POST", `${at}/predict`, { form: formOf(files), query: who }),
    predictUrls: (urls, who) => call("POST", `${at}/predict`, { json: { urls }, query: who }),
  };
}

function formOf(files) {
  const form = new FormData();
  for (const file of files) form.append("file", file, file.name || "pasted picture.png");
  return form;
}
