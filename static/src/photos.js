/** The Photos page: add, see, choose, mark. */
import { consistent, isFiltered, readView, withConcept, withoutFilters, writeView } from "./address.js";
import { askToConfirm } from "./dialogs.js";
import { debounced } from "./dom.js";
import { actionBar } from "./gallery/actions.js";
import { carry } from "./gallery/carry.js";
import { dragBox } from "./gallery/dragbox.js";
import { Grid } from "./gallery/grid.js";
import { keyboard } from "./gallery/keyboard.js";
import { messages } from "./gallery/messages.js";
import { Pictures } from "./gallery/pictures.js";
import { pointer } from "./gallery/pointer.js";
import { Selection } from "./gallery/selection.js";
import { toolbar } from "./gallery/toolbar.js";
import { showKeys } from "./keys.js";
import { Labelling } from "./labelling.js";
import { notify } from "./notice.js";
import { keepConceptInPlaces, openProject } from "./page.js";
import { askForConcept } from "./palette.js";
import { rail } from "./rail.js";
import { dropZone, fileField } from "./upload/dropzone.js";
import { offerFolderNames } from "./upload/folders.js";
import { tray } from "./upload/tray.js";
import { Uploader } from "./upload/uploader.js";
import { viewer } from "./viewer.js";
import { plural } from "./words.js";

const at = (id) => document.getElementById(id);

let view = readView();
const project = openProject();
const pictures = new Pictures(project.api);
const selection = new Selection(pictures);
const labelling = new Labelling(project, pictures);
const grid = new Grid(at("gallery"), pictures, selection, () => ({
  concept: view.concept,
  colourOf: project.colourOf,
}));
const uploader = new Uploader(project, pictures, {
  maxBytes: Number(document.body.dataset.maxBytes),
  showsArrivals: () => view.sort === "newest" && !isFiltered(view),
});

function change(next, { replace = false } = {}) {
  writeView(next, { replace });
  apply(next, replace);
}

const showSoon = debounced(() => pictures.show(view), 200);

function apply(next, isGradual = false) {
  const isOther = next.concept !== view.concept;
  view = next;
  keepConceptInPlaces(view.concept);
  redraw();
  if (isOther && !isFiltered(view) && (view.sort === "newest" || view.sort === "oldest") && pictures.isKnown) {
    grid.draw(); // the same pictures, with another concept's probabilities
    pictures.retarget(view);
    return;
  }
  selection.clear();
  if (isGradual) showSoon();
  else pictures.show(view).then(() => scrollTo(0, 0));
}

const chosenConcept = (name) => withConcept(view, name, project.concept(name)?.threshold != null);

const actions = {
  label(index, value) {
    const concept = project.concepts[index];
    if (concept) mark(concept.name, value);
  },
  async palette() {
    const count = selection.keys.size;
    const title = count ? `Mark ${plural(count, "photo")} as…` : "Go to a concept…";
    const choice = await askForConcept({ concepts: project.concepts, title });
    if (!choice) return;
    if (count || !project.concept(choice.name)) mark(choice.name, choice.value);
    if (!count) change(chosenConcept(choice.name));
  },
  open: (index) => large.open(index),
  async remove() {
    const items = selection.items;
    if (!items.length) return;
    const isSure = await askToConfirm({
      title: `Delete ${plural(items.length, "photo")}?`,
      text: "They are removed from this project for good. Your own files stay where they are.",
      action: "Delete",
    });
    if (isSure) await removeAll(items);
  },
  undo: () => labelling.undo(),
  redo: () => labelling.redo(),
  help: showKeys,
};

/** Mark what is chosen or, when nothing is, the picture the keyboard is on, and go on to the next. */
async function mark(typed, value) {
  const name = project.concept(typed)?.name ?? typed;
  const ids = selection.ids;
  const current = pictures.items[selection.cursor];
  const isByKeyboard = at("gallery").classList.contains("by-keyboard");
  if (ids.length) {
    labelling.set(ids, name, value);
    selection.spend();
  } else if (!selection.keys.size && isByKeyboard && current?.id) {
    labelling.set([current.id], name, value);
    selection.moveTo(selection.cursor + 1);
    grid.reveal(selection.cursor);
  } else if (selection.keys.size) {
    notify("These pictures are still on their way. Try again in a moment.");
    return;
  } else if (!project.concept(name)) {
    await project.api.addConcept(name).catch((error) => notify(error.message, { isError: true }));
    await project.refresh();
  } else {
    notify("Choose some pictures first: click them, or draw a box around them.");
    return;
  }
  if (!view.concept) change(chosenConcept(name));
}

async function removeAll(items) {
  const sent = items.filter((item) => item.id);
  const results = await Promise.allSettled(sent.map((item) => project.api.deleteImage(item.id)));
  const failed = results.filter((result) => result.status === "rejected");
  const kept = new Set(sent.filter((_, i) => results[i].status === "rejected"));
  pictures.remove(items.filter((item) => !kept.has(item)));
  selection.clear();
  project.refreshSoon();
  if (failed.length) notify(`${plural(failed.length, "photo")} could not be deleted: ${failed[0].reason.message}`, { isError: true });
}

/** A concept that was renamed or deleted, here or elsewhere, is no longer the chosen one. */
function followConcept() {
  let known = view.concept; // one that is just being made is not known yet
  return () => {
    if (!view.concept) return;
    const isThere = Boolean(project.concept(view.concept));
    if (!isThere && view.concept === known) change(consistent({ ...view, concept: "" }), { replace: true });
    known = isThere ? view.concept : known;
  };
}

/** After Train, the best next look is at what was found. */
function offerOrder({ number }) {
  const concept = project.concept(view.concept);
  if (!concept || view.sort !== "newest") return;
  notify(`Version ${number} finds ${concept.name} in ${plural(concept.matches, "photo")}.`, {
    action: "Show them first",
    onAction: () => change({ ...view, sort: "-probability" }),
  });
}

const large = viewer({ pictures, project, selection, label: (...what) => labelling.set(...what) });
const take = (files) => uploader.add(files);
const bar = toolbar(at("toolbar"), {
  project, pictures, grid, change, view: () => view,
  addFiles: () => at("files").click(), addFolder: () => at("folder").click(),
});
const railOf = rail(at("rail"), project, {
  chosen: () => view.concept,
  choose: (name) => change(name ? chosenConcept(name) : { ...withoutFilters(view), concept: "", sort: "newest" }),
});
const barOf = actionBar(at("actions"), { selection, project, view: () => view, actions });
const messagesOf = messages(at("messages"), { project, pictures, uploader, view: () => view, change, removeAll, addFiles: () => at("files").click() });

function redraw() {
  bar();
  railOf();
  barOf();
  messagesOf();
  grid.draw();
}

keyboard(at("gallery"), { grid, selection, pictures, actions });
pointer(at("gallery"), { selection, actions });
dragBox(at("main"), { grid, selection, pictures });
carry(at("gallery"), at("rail"), { selection, mark });
dropZone(at("drop"), take);
fileField(at("files"), take);
fileField(at("folder"), take);
tray(at("tray"), uploader);
offerFolderNames(uploader, labelling);

pictures.addEventListener("change", () => selection.prune());
project.addEventListener("change", followConcept());
project.addEventListener("change", grid.draw);
addEventListener("popstate", () => apply(readView()));

/** What happened since the last look: arrivals change only pictures that were waited for. */
let isOnlyArrivals = true;

const syncSoon = debounced(async () => {
  const [first, end] = grid.visible();
  const seen = pictures.items.slice(first, end).filter((item) => item.id);
  const ids = (isOnlyArrivals ? seen.filter((item) => item.status === "pending") : seen).map((item) => item.id);
  isOnlyArrivals = true;
  if (!pictures.items.length) await pictures.show(view);
  else await pictures.sync(ids, { isArriving: uploader.isBusy }).catch(() => { /* the next event asks again */ });
}, 60, 500);
project.addEventListener("happened", ({ detail: event }) => {
  isOnlyArrivals &&= event.kind === "images" || event.kind === "job";
  syncSoon();
});
project.addEventListener("trained", ({ detail: version }) => {
  isOnlyArrivals = false;
  syncSoon();
  offerOrder(version);
});
uploader.addEventListener("finished", syncSoon);

keepConceptInPlaces(view.concept);
pictures.show(view);
