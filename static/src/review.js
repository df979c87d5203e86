/** The Review page: one picture after the other, one key per verdict. */
import { readView, writeView } from "./address.js";
import { isTyping } from "./dom.js";
import { Labelling } from "./labelling.js";
import { notify } from "./notice.js";
import { keepConceptInPlaces, openProject } from "./page.js";
import { rail } from "./rail.js";
import { card } from "./review/card.js";
import { Effect } from "./review/effect.js";
import { Queue } from "./review/queue.js";

const project = openProject();
const queue = new Queue(project);
// Here Back takes verdicts back, together with the place in the queue.
const labelling = new Labelling(project, queue, (text, { isError } = {}) => notify(text, { isError }));
let { concept, q } = readView();
let { kind } = Object.fromEntries(new URLSearchParams(location.search));
kind ||= "uncertain";
/** Of each verdict, how many steps of labelling it was: a skip is none. @type {number[]} */
let verdicts = [];

const railOf = rail(document.getElementById("rail"), project, {
  chosen: () => concept,
  choose: (name) => { q = ""; go(name, kind === "found" ? "uncertain" : kind); },
  allPhotos: false,
});
const cardOf = card(document.getElementById("review"), {
  project,
  queue,
  effect: new Effect(project),
  concept: () => concept,
  kind: () => kind,
  q: () => q,
  go: (next) => go(concept, next),
  say,
  confirm,
  canUndo: () => verdicts.length > 0,
  undo: () => back(),
});

function go(name, nextKind) {
  const address = new URLSearchParams({ ...(name && { concept: name }), ...(nextKind !== "uncertain" && { kind: nextKind }), ...(q && { q }) });
  history.pushState(null, "", `${location.pathname}${address.size ? `?${address}` : ""}`);
  show(name, nextKind);
}

function show(name, nextKind) {
  [concept, kind] = [name, nextKind];
  verdicts = [];
  keepConceptInPlaces(concept);
  railOf();
  cardOf();
  if (concept) queue.show(concept, kind, q);
}

/** @param {"positive" | "negative" | null} value null skips */
function say(value) {
  const item = queue.current;
  if (!item || !project.may("label")) return;
  verdicts.push(value ? 1 : 0);
  if (value) labelling.set([item.id], concept, value);
  queue.next();
}

/** Many verdicts at once; then the next ones are shown. */
async function confirm(picked, out) {
  const steps = [[picked, "positive"], [out, "negative"]].filter(([items]) => items.length);
  verdicts.push(steps.length);
  for (const [items, value] of steps) labelling.set(items.map((item) => item.id), concept, value);
  await showLeft();
}

/** Once all verdicts have arrived: what is left, unless something else is looked at by then. */
async function showLeft() {
  const asked = [concept, kind, q];
  await labelling.settled();
  if ([concept, kind, q].every((one, index) => one === asked[index])) queue.show(concept, kind, q);
}

async function back() {
  if (!verdicts.length) return;
  const steps = verdicts.pop();
  for (let step = 0; step < steps; step += 1) labelling.undo();
  if (kind !== "matches") queue.back();
  else await showLeft();
}

const KEYS = { y: "positive", n: "negative", ArrowRight: "positive", ArrowLeft: "negative", s: null, " ": null, ArrowDown: null };
addEventListener("keydown", (event) => {
  if (event.altKey || isTyping(event)) return;
  const isCommand = event.ctrlKey || event.metaKey;
  if (isCommand && event.key.toLowerCase() !== "z") return;
  if (event.target.closest?.("button, a, [popover]") && (event.key === " " || event.key.startsWith("Arrow"))) return;
  if (event.repeat) return; // a key held down is one verdict
  if (event.key in KEYS && kind !== "matches") say(KEYS[event.key]);
  else if (event.key.toLowerCase() === "z" || event.key === "Backspace") back();
  else return;
  event.preventDefault();
});

addEventListener("popstate", () => {
  const given = new URLSearchParams(location.search);
  q = given.get("q") ?? "";
  show(given.get("concept") ?? "", given.get("kind") ?? "uncertain");
});
project.addEventListener("trained", () => {
  verdicts = [];
  queue.show(concept, kind, q);
});
/** Something was learnt, or may have been while nobody looked. */
project.addEventListener("happened", ({ detail: event }) => {
  if (!["draft", "version", "hello"].includes(event.kind)) return;
  Promise.all([labelling.settled(), project.refresh()]).then(() => {
    const isEmpty = !queue.items.length && !queue.isLoading; // nothing was learnt yet, maybe
    if (concept && isEmpty) queue.show(concept, kind, q);
    else queue.restore();
  });
});

// Whoever comes without a concept in mind starts with the first one.
project.addEventListener("change", function first() {
  if (!project.summary) return;
  project.removeEventListener("change", first);
  const known = project.concept(concept) ?? project.concepts[0];
  if (known && known.name !== concept) writeView({ ...readView(), concept: known.name }, { replace: true });
  show(known?.name ?? "", kind);
});
