/** After a picture was marked: others that look like it, to be marked with one more click. */
import { debounced } from "../dom.js";
import { notify } from "../notice.js";
import { askToPick } from "../picks.js";
import { plural } from "../words.js";

const LIKE = 0.4; // cosine: nine in ten photos of one thing are closer, one in 300 of others
const FEWEST = 3;
const LOOKED_AT = 24;
const MARKED_AT_MOST = 12; // whoever marks more at once is past this
const ASKED_ABOUT = 3;

/** @param {{project: object, pictures: object, labelling: import("../labelling.js").Labelling}} page */
export function offerAlike({ project, pictures, labelling }) {
  let last = null;
  let isOwn = false;
  let close = () => {};
  const lookSoon = debounced(async () => {
    const step = last;
    if (!step) return;
    const found = await alike(project, pictures, step).catch(() => []);
    if (step !== last || found.length < FEWEST) return;
    close = notify(`Marked ${plural(step.ids.length, "photo")} ${step.concept}. ${found.length} more look like ${step.ids.length === 1 ? "this" : "these"}: add?`, {
      action: "Show them",
      onAction: () => offer(step.concept, found),
      refusal: "No",
      other: { action: "Undo", onAction: () => labelling.undo() },
    });
  }, 500, 60_000);

  async function offer(concept, found) {
    const chosen = await askToPick({
      title: `Which of these are ${concept}?`,
      text: "Click those that are not. They are left unmarked.",
      items: found,
      action: (count) => `Mark ${plural(count, "photo")} ${concept}`,
    });
    if (!chosen?.picked.length) return;
    isOwn = true;
    labelling.set(chosen.picked.map((item) => item.id), concept, "positive");
    isOwn = false;
  }

  labelling.addEventListener("takenback", () => {
    last = null;
    close();
  });
  labelling.addEventListener("said", ({ detail: step }) => {
    last = !isOwn && step.value === "positive" && step.ids.length <= MARKED_AT_MOST ? step : null;
    if (last) lookSoon();
  });
}

async function alike(project, pictures, { ids, concept }) {
  const marked = new Set(ids);
  const best = new Map();
  for (const id of ids.slice(0, ASKED_ABOUT)) {
    for (const item of (await project.api.similarTo(id, LOOKED_AT)).items) {
      if (item.similarity < LIKE || marked.has(item.id)) continue;
      const shown = pictures.byId(item.id);
      const { labels } = shown && !shown.isShell ? shown : item;
      if (!labels.some((label) => label.concept === concept)) best.set(item.id, item);
    }
  }
  return [...best.values()].sort((a, b) => b.similarity - a.similarity).slice(0, LOOKED_AT);
}
