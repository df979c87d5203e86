/** The Care page: examples that hurt, whether there are enough, what to mark next, what to name. */
import { enough } from "./care/enough.js";
import { findings } from "./care/findings.js";
import { naming } from "./care/naming.js";
import { next } from "./care/next.js";
import { openProject } from "./page.js";
import { rail } from "./rail.js";

const at = (id) => document.getElementById(id);
const project = openProject();

rail(at("rail"), project, {
  chosen: () => "",
  choose: (name) => location.assign(`../?${new URLSearchParams({ concept: name })}`),
  allPhotos: false,
});
enough(at("enough"), project);
const parts = [findings(at("findings"), project), naming(at("naming"), project), next(at("next"), project)];

project.addEventListener("happened", ({ detail: event }) => {
  if (["care", "hello"].includes(event.kind)) parts[0].refresh();
});
for (const part of parts) part.refresh();
