/** The Review page: one picture after the other, one key per verdict. */
import { readView, writeView } from "./address.js";
import { isTyping } from "./dom.js";
import { Labelling } from "./labelling.js";
import { keepConceptInPlaces, openProject } from "./page.js";
import { rail } from "./rail.js";
import { Queue } from "./review/queue.js";
import { card } from "./review/card.js";

const project = openProject();
const queue = new Queue(project);
const labelling = new Labelling(project, queue);
let { concept } = readView();
let { kind } = Object.fromEntries(new URLSearchParams(location.search));
kind ||= "uncertain";

const railOf = rail(document.getElementById("rail"), project, {
  chosen: () => concept,
  choose: (name) => go(name, kind),
  allPhotos: false,
});
const cardOf = card(document.getElementById("review"), {
  project,
  queue,
  concept: () => concept,
  kind: () => kind,
  go: (next) => go(concept, next),
  say,
  undo: () => back(),
});

function go(name, nextKind) {
  const address = new URLSearchParams({ ...(name && { concept: name }), ...(nextKind !== "uncertain" && { kind: nextKind }) });
  history.pushState(null, "", `${location.pathname}${address.size ? `?${address}` : ""}`);
  show(name, nextKind);
}

function show(name, nextKind) {
  [concept, kind] = [name, nextKind];
  keepConceptInPlaces(concept);
  railOf();
  cardOf();
  if (concept) queue.show(concept, kind);
}

/** @param {"positive" | "negative" | null} value null skips */
function say(value) {
  const item = queue.current;
  if (!item) return;
  if (value) labelling.set([item.id], concept, value);
  queue.next();
}

function back() {
  if (queue.back()) labelling.undo();
}

const KEYS = { y: "positive", n: "negative", ArrowRight: "positive", ArrowLeft: "negative", s: null, " ": null, ArrowDown: null };
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
  if (event.target.closest?.("button, a, [popover]") && (event.key === " " || event.key.startsWith("Arrow"))) return;
  if (event.key in KEYS) say(KEYS[event.key]);
  else if (event.key === "z" || event.key === "Backspace") back();
  else return;
  event.preventDefault();
});

addEventListener("popstate", () => {
  const given = new URLSearchParams(location.search);
  show(given.get("concept") ?? "", given.get("kind") ?? "uncertain");
});
project.addEventListener("trained", () => queue.show(concept, kind));

// Whoever comes without a concept in mind starts with the first one.
project.addEventListener("change", function first() {
  if (!project.summary) return;
  project.removeEventListener("change", first);
  const known = project.concept(concept) ?? project.concepts[0];
  if (known && known.name !== concept) writeView({ ...readView(), concept: known.name }, { replace: true });
  show(known?.name ?? "", kind);
});
