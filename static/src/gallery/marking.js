/** What is said of the chosen photos, or done to them. */
import { filterOf } from "../address.js";
import { askToConfirm } from "../dialogs.js";
import { notify } from "../notice.js";
import { askForConcept } from "../palette.js";
import { plural } from "../words.js";

const MANY = 200; // from here on the server is told the filter to mark by, not each picture
const DELETED_AT_ONCE = 500; // the API deletes no more in one go

/**
 * @param {object} page project, pictures, selection, grid, labelling, view, isByKeyboard, choose
 */
export function marking({ project, pictures, selection, grid, labelling, view, isByKeyboard, choose }) {
  /** Whether a filter says the same as what is chosen, and no picture that is not shown matches it. */
  const isAllOfMany = () => selection.keys.size > MANY && selection.isAll && !view().fold
    && pictures.isWhole && !pictures.difference && !pictures.isByWordsOnly;

  /** Where nothing is chosen: the picture the keyboard is on. */
  function currentByKeyboard() {
    const item = !selection.keys.size && isByKeyboard() ? pictures.items[selection.cursor] : null;
    return item?.id ? item : null;
  }

  /** Mark what is chosen or, when nothing is, the picture the keyboard is on, and go on to the next. */
  async function mark(typed, value) {
    const name = project.concept(typed)?.name ?? typed;
    const ids = selection.ids;
    const current = currentByKeyboard();
    if (ids.length) {
      labelling.set(ids, name, value, isAllOfMany() ? filterOf(view()) : null);
      selection.spend();
    } else if (current) {
      labelling.set([current.id], name, value);
      selection.moveTo(selection.cursor + 1);
      grid.reveal(selection.cursor);
    } else if (selection.keys.size) {
      notify("These photos are still on their way. Try again in a moment.");
      return;
    } else if (!project.concept(name)) {
      await project.api.addConcept(name).catch((error) => notify(error.message, { isError: true }));
      await project.refresh();
    } else {
      notify("Choose some photos first: click them, or draw a box around them.");
      return;
    }
    if (!view().concept) choose(name);
  }

  async function palette() {
    const count = selection.keys.size || (currentByKeyboard() ? 1 : 0);
    const title = count ? `Mark ${plural(count, "photo")} as…` : "Go to a concept…";
    const choice = await askForConcept(project, title);
    if (!choice) return;
    if (count || !project.concept(choice.name)) mark(choice.name, choice.value);
    if (!count) choose(choice.name);
  }

  async function remove() {
    const items = selection.items;
    if (!items.length) return;
    const isSure = await askToConfirm({
      title: `Delete ${plural(items.length, "photo")}?`,
      text: "They are removed from this project for good. Your own files stay where they are.",
      action: "Delete",
    });
    if (isSure) await removeAll(items);
  }

  /** These and no others: what a filter matches may be more by the time it is deleted. */
  async function removeAll(items) {
    const images = items.filter((item) => item.id).map((item) => item.id);
    selection.clear();
    try {
      for (let done = 0; done < images.length; done += DELETED_AT_ONCE) {
        if (done) notify(`Deleting… ${plural(images.length - done, "photo")} left.`);
        await project.api.deleteImages(images.slice(done, done + DELETED_AT_ONCE));
      }
      pictures.remove(items);
      if (!pictures.items.length) await pictures.show(view()); // others may have come meanwhile
    } catch (error) {
      notify(`Not all of them could be deleted: ${error.message}`, { isError: true });
      await pictures.show(view());
    }
    project.refreshSoon();
  }

  return { mark, palette, remove, removeAll };
}
