/** What the three pages of a project share: the project, its rail, its Train button. */
import { Project } from "./project.js";
import { retryBrokenPictures } from "./retry.js";
import { trainPanel } from "./train.js";

export function openProject() {
  const project = new Project(Number(document.body.dataset.project));
  trainPanel(document.getElementById("train"), project);
  const [lost, out] = ["connection", "signed-out"].map((id) => document.getElementById(id));
  project.addEventListener("change", () => {
    out.hidden = !project.isSignedOut;
    lost.hidden = project.isConnected || project.isSignedOut;
  });
  retryBrokenPictures();
  project.refresh();
  project.listen();
  return project;
}

/** Remember the chosen concept while the person goes from place to place. */
export function keepConceptInPlaces(name) {
  for (const link of document.querySelectorAll("nav.places a[data-keeps-concept]")) {
    const address = new URL(link.href);
    address.search = name ? `?${new URLSearchParams({ concept: name })}` : "";
    link.href = address.href;
  }
}
