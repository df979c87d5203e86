/** One picture, large. It has an address of its own, so the back button closes it. */
import { debounced, html, nothing, render } from "../dom.js";
import { say as sayOf } from "../gallery/picture.js";
import { lift, notify } from "../notice.js";
import { testMark } from "../testing.js";
import { reasons } from "../why.js";
import { region } from "../search/region.js";
import { panel } from "./panel.js";
import { stage } from "./stage.js";
import { Where } from "./where.js";

/**
 * @param {{pictures: object, project: object, selection: object, labelling: object}} page
 */
export function viewer({ pictures, project, selection, labelling }) {
  const dialog = document.createElement("dialog");
  dialog.className = "viewer";
  dialog.setAttribute("aria-label", "Photo");
  document.body.append(dialog);
  let item = null;
  let details = null;
  let similar = [];
  let isByPart = false;
  /** How often a part was searched by, or no more: an answer is of the last time or of none. */
  let searched = 0;

  const draw = () => {
    if (!dialog.open || !item) return;
    render(html`${stage({ item, pictures, where, go, isByPart })}
      ${panel({ item, details, similar, project, where, becauseOf, testMark: mark, say, settle, show, write, part: { isOn: isByPart, toggle: togglePart }, close: () => dialog.close() })}`, dialog);
  };
  const where = new Where(project, draw);
  const frame = region(dialog, { isOn: () => isByPart, search: searchByPart });
  const becauseOf = reasons(project, draw);
  const mark = testMark(project, draw);
  const lookCloser = debounced(async () => {
    const asked = item;
    if (!asked?.id) return;
    const [told, found] = await Promise.all([
      project.api.image(asked.id).catch(() => null),
      asked.status === "ready" ? project.api.similarTo(asked.id).catch(() => ({ items: [] })) : { items: [] },
    ]);
    if (asked.id !== item?.id) return;
    details = told;
    if (!isByPart) similar = found.items.map(own);
    draw();
  }, 120);

  function togglePart() {
    isByPart = !isByPart;
    forgetSimilar(); // their heading is another now
    draw();
    if (isByPart) frame.begin();
    else lookCloser();
  }

  /** Show what is like a part of the picture in place of what is like the whole. */
  async function searchByPart(box) {
    searched += 1;
    const mine = searched;
    const answer = await project.api.searchByPart(item.id, box).catch((error) => ({ error }));
    if (mine !== searched) return;
    if (answer.error) notify(answer.error.message, { isError: true });
    else similar = answer.items.map(own);
    draw();
  }

  function forgetSimilar() {
    searched += 1;
    similar = [];
    frame.clear();
  }

  function show(next) {
    isByPart = false;
    forgetSimilar();
    item = next;
    pictures.lookAt(item);
    details = null;
    where.lookAt(item);
    history.replaceState({ photo: item.id }, "", addressOf(item.id));
    draw();
    lookCloser();
    preload(pictures.items[pictures.items.indexOf(item) + 1]);
  }

  /** The gallery's own picture where it shows this one, filled in where only its shape was known. */
  function own(record) {
    const shown = pictures.byId(record.id);
    if (shown?.isShell) Object.assign(shown, record, { isShell: false });
    return shown ?? record;
  }

  /** Go along the gallery; from a similar picture, back to where one came from. */
  function go(step) {
    if (!pictures.items.length) return;
    const at = pictures.items.indexOf(item);
    const index = Math.max(0, Math.min((at < 0 ? selection.cursor : at) + step, pictures.items.length - 1));
    selection.moveTo(index);
    show(pictures.items[index]);
  }

  /** A list that comes has other objects for the same pictures: what is said is said of those. */
  function follow() {
    const shown = item?.id ? pictures.byId(item.id) : null;
    if (!shown || shown === item) return;
    item = own(item);
    similar = similar.map(own);
    pictures.lookAt(item);
  }

  pictures.addEventListener("change", () => { follow(); draw(); });
  project.addEventListener("change", () => { where.forget(); draw(); });
  dialog.addEventListener("close", () => {
    forgetSimilar();
    item = null;
    pictures.lookAt(null);
    where.lookAt(null);
    render(nothing, dialog);
    if (history.state?.photo) history.back();
  });
  addEventListener("popstate", () => {
    const id = photoOf(location.search);
    if (dialog.open && !id) dialog.close();
    else if (!dialog.open && id) reopen(id);
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.altKey || event.target.matches("textarea") || !answer(event)) return;
    event.preventDefault();
  });

  function answer(event) {
    const isCommand = event.ctrlKey || event.metaKey;
    const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
    const concept = digit && project.concepts[Number(digit) - 1];
    const key = event.key.toLowerCase();
    if (key === "z" && !event.shiftKey) takeBack(() => labelling.undo());
    else if (key === "y" || (key === "z" && isCommand)) takeBack(() => labelling.redo());
    else if (isCommand) return false;
    else if (event.key === "ArrowLeft") go(-1);
    else if (event.key === "ArrowRight") go(1);
    else if (key === "w") where.toggle();
    else if (concept) say(concept.name, event.shiftKey ? "negative" : "positive");
    else return false;
    return true;
  }

  function say(concept, value) {
    if (!item.id) return;
    labelling.set([item.id], concept, value);
    if (!pictures.byId(item.id)) sayOf(item, concept, value); // it is not in the gallery now
    labelling.settled().then(lookCloser); // who said it is known once it has arrived
    draw();
  }

  /** Decide what counts where people disagree. */
  async function settle(concept, value) {
    const { id } = item;
    try {
      await labelling.settled();
      await project.api.settle(id, concept, value);
      lookCloser();
    } catch (error) {
      notify(error.message, { isError: true });
    }
  }

  /** Keep a note, by which the picture is found. */
  async function write(noted, note) {
    if (note === noted.note) return;
    try {
      noted.note = (await project.api.setNote(noted.id, note)).note;
    } catch (error) {
      notify(`The note was not saved: ${error.message}`, { isError: true });
    }
  }

  function takeBack(step) {
    step();
    labelling.settled().then(lookCloser);
  }

  function open(next) {
    history.pushState({ photo: next.id }, "", addressOf(next.id));
    dialog.showModal();
    lift();
    show(next);
  }

  /** Show the picture that the address names already, if it still does once it has come. */
  async function reopen(id) {
    const shown = pictures.byId(id);
    const found = shown && !shown.isShell ? shown : await project.api.image(id).catch(() => null);
    if (!found || dialog.open || photoOf(location.search) !== id) return;
    dialog.showModal();
    lift();
    show(own(found));
  }

  return {
    open(at) {
      if (pictures.items[at]?.image_url) open(pictures.items[at]);
    },
    /** Open the picture that the page's address names, if it names one; back leads to the gallery. */
    async openAddressed() {
      const id = photoOf(location.search);
      if (!id) return;
      history.replaceState(null, "", addressOf(null));
      history.pushState({ photo: id }, "", addressOf(id));
      await reopen(id);
    },
  };
}

function photoOf(search) {
  return Number(new URLSearchParams(search).get("photo")) || null;
}

function addressOf(id) {
  const given = new URLSearchParams(location.search);
  if (id) given.set("photo", id);
  else given.delete("photo");
  return `${location.pathname}${given.size ? `?${given}` : ""}`;
}

function preload(item) {
  if (item?.image_url) new Image().src = item.image_url;
}
