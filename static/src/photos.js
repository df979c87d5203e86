/** The Photos page: add, see, choose, mark. */
import { consistent, isOtherConceptOnly, readView, searchOf, showsArrivals, withConcept, withoutFilters, writeView } from "./address.js";
import { debounced } from "./dom.js";
import { actionBar } from "./gallery/actions.js";
import { offerAlike } from "./gallery/alike.js";
import { carry } from "./gallery/carry.js";
import { dragBox } from "./gallery/dragbox.js";
import { Grid } from "./gallery/grid.js";
import { keyboard } from "./gallery/keyboard.js";
import { marking } from "./gallery/marking.js";
import { messages } from "./gallery/messages.js";
import { Pictures } from "./gallery/pictures.js";
import { pointer } from "./gallery/pointer.js";
import { scrubber } from "./gallery/scrubber.js";
import { Selection } from "./gallery/selection.js";
import { toolbar } from "./gallery/toolbar.js";
import { showKeys } from "./keys.js";
import { Labelling } from "./labelling.js";
import { notify } from "./notice.js";
import { keepConceptInPlaces, openProject } from "./page.js";
import { rail } from "./rail.js";
import { dropZone, fileField } from "./upload/dropzone.js";
import { offerFolderNames } from "./upload/folders.js";
import { tray } from "./upload/tray.js";
import { SavedSearches } from "./search/saved.js";
import { searchBox } from "./search/box.js";
import { Uploader } from "./upload/uploader.js";
import { viewer } from "./viewer/viewer.js";
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
  showsArrivals: () => showsArrivals(view),
});

function change(next, { replace = false } = {}) {
  writeView(next, { replace });
  apply(next, replace);
}

const showSoon = debounced(() => pictures.show(view), 200);
const showFromTop = () => pictures.show(view, () => scrollTo(0, 0));

function apply(next, isGradual = false) {
  closeOffer();
  const isSame = isOtherConceptOnly(view, next) && pictures.isKnown;
  view = next;
  keepConceptInPlaces(view.concept);
  redraw();
  if (isSame) {
    grid.draw();
    pictures.retarget(view);
    return;
  }
  selection.clear();
  if (isGradual) showSoon();
  else showFromTop();
}

const chosenConcept = (name) => withConcept(view, name, project.concept(name)?.threshold != null);

const { mark, palette, remove, removeAll } = marking({
  project, pictures, selection, grid, labelling,
  view: () => view,
  isByKeyboard: () => at("gallery").classList.contains("by-keyboard"),
  choose: (name) => change(chosenConcept(name)),
});

const actions = {
  label(index, value) {
    const concept = project.concepts[index];
    if (concept) mark(concept.name, value);
  },
  palette,
  remove,
  open: (index) => large.open(index),
  undo: () => labelling.undo(),
  redo: () => labelling.redo(),
  help: showKeys,
};

/** A concept that was renamed or deleted, here or elsewhere, is no longer the chosen one. */
function followConcept() {
  let known = view.concept; // one that is just being made is not known yet
  return () => {
    if (!view.concept || !project.summary) return; // without one, none is known at all
    const isThere = Boolean(project.concept(view.concept));
    if (!isThere && view.concept === known) change(consistent({ ...view, concept: "" }), { replace: true });
    known = isThere ? view.concept : known;
  };
}

let closeOffer = () => {};

/** After Train, the best next look is at what was found. */
function offerOrder({ number }) {
  const concept = project.concept(view.concept);
  if (!concept || view.sort !== "newest") return;
  closeOffer = notify(`Version ${number} finds ${concept.name} in ${plural(concept.matches, "photo")}.`, {
    action: "Show them first",
    refusal: "Not now",
    onAction: () => change({ ...view, sort: "-probability" }),
  });
}

const large = viewer({ pictures, project, selection, labelling });
const take = (files) => uploader.add(files);
const bar = toolbar(at("toolbar"), {
  project, pictures, grid, change, view: () => view,
  addFiles: () => at("files").click(), addFolder: () => at("folder").click(),
});
const saved = new SavedSearches(project, () => railOf());
const railOf = rail(at("rail"), project, {
  more: () => saved.template(() => view.q, (q) => change({ ...view, q, sort: "newest" })),
  chosen: () => view.concept,
  choose: (name) => change(name ? chosenConcept(name) : { ...withoutFilters(view), concept: "", sort: "newest" }),
});
const barOf = actionBar(at("actions"), { selection, pictures, project, view: () => view, actions });
const messagesOf = messages(at("messages"), { project, pictures, uploader, view: () => view, change, showFromTop, removeAll, addFiles: () => at("files").click() });

const placeOf = scrubber(at("scrubber"), { grid, pictures, view: () => view });
const boxOf = searchBox(at("search"), { project, pictures, view: () => view, change, saved });

function redraw() {
  boxOf();
  bar();
  placeOf();
  railOf();
  barOf();
  messagesOf();
  grid.draw();
}

keyboard(at("gallery"), { grid, selection, pictures, actions });
pointer(at("gallery"), { selection, pictures, actions });
dragBox(at("main"), { grid, selection });
carry(at("gallery"), at("rail"), { selection, mark });
if (project.may("edit")) dropZone(at("drop"), take);
fileField(at("files"), take);
fileField(at("folder"), take);
tray(at("tray"), uploader, {
  isInOrderOfDrop: () => pictures.isInOrderOfDrop,
  sort: showFromTop,
});
offerFolderNames(uploader, labelling);
offerAlike({ project, pictures, labelling });

pictures.addEventListener("change", () => selection.prune());
project.addEventListener("change", followConcept());
project.addEventListener("change", grid.draw);
addEventListener("popstate", () => {
  const next = readView();
  if (searchOf(next) !== searchOf(view)) apply(next); // else a large picture was opened or closed
});

/** What happened since the last look: arrivals change only pictures that were waited for. */
let isOnlyArrivals = true;

const syncSoon = debounced(async () => {
  const onlyArrivals = isOnlyArrivals;
  isOnlyArrivals = true;
  if (pictures.error?.code === "bad_query") return; // it is as bad as it was
  if (!pictures.items.length && !pictures.isLoading) await pictures.show(view);
  else await pictures.sync({ onlyArrivals, isArriving: uploader.isBusy }).catch(() => { /* the next event asks again */ });
}, 40, 500);
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
pictures.show(view).then(() => large.openAddressed()).then(() => uploader.goOn());
