/** What the person says of pictures is shown before it has arrived, and no answer that was asked for
 * until then takes it back. */
import { say } from "./picture.js";

/** Say something of these at once; of those that are shells, what comes will tell it. */
export function sayOfAll(items, concept, value) {
  for (const item of items) {
    if (item.isShell) continue;
    say(item, concept, value);
    item.unsaved = (item.unsaved ?? 0) + 1;
  }
}

/** What was said of these has arrived, or was refused. */
export function saidArrived(items, savedAt) {
  for (const item of items) if (item.unsaved) Object.assign(item, { unsaved: item.unsaved - 1, savedAt });
}

/** What was said of a picture that an answer which was asked for then does not know; null if nothing. */
export function saidSince(item, began) {
  if (!item?.unsaved && !(item?.savedAt > began)) return null;
  const { labels, unsaved, savedAt } = item;
  return { labels, unsaved, savedAt };
}

/** Put what came into the pictures it was asked for, and into no others: a list may have come since. */
export function fill(items, records, { asked, began }) {
  const byId = new Map(records.map((record) => [record.id, record]));
  for (const item of items) {
    item.asked = asked; // whatever came: one that is gone is not asked for again
    if (byId.has(item.id)) Object.assign(item, byId.get(item.id), { isShell: false }, saidSince(item, began));
  }
}
