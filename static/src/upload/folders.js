/** Whoever drops a folder named "Rex" has probably said already what is in it: offer the mark. */
import { notify } from "../notice.js";
import { plural } from "../words.js";

/** Names of folders that cameras, phones and systems make: they say nothing of what is in them. */
const MEANINGLESS = /^(dcim|camera|photos?|pictures?|images?|downloads?|desktop|new folder.*|\d+.*|img.*|test|train|val)$/i;

export function offerFolderNames(uploader, labelling) {
  uploader.addEventListener("finished", ({ detail: arrivals }) => {
    const byFolder = new Map();
    for (const arrival of arrivals) {
      if (!arrival.imageId || !arrival.folder || MEANINGLESS.test(arrival.folder)) continue;
      if (labelling.hasSaid(arrival.imageId, arrival.folder)) continue;
      byFolder.set(arrival.folder, [...(byFolder.get(arrival.folder) ?? []), arrival.imageId]);
    }
    if (!byFolder.size) return;
    const names = [...byFolder.keys()];
    const count = [...byFolder.values()].flat().length;
    const what = names.length === 1 ? `“${names[0]}”` : `their ${plural(names.length, "folder name")}`;
    notify(`Mark these ${plural(count, "photo")} as ${what}?`, {
      action: "Mark them",
      refusal: "No",
      onAction: () => byFolder.forEach((ids, name) => labelling.set(ids, name, "positive")),
    });
  });
}
