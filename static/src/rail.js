/** The concepts of the project: choose, make, rename, recolour, remove. */
import { Ellipsis, Images, Plus } from "lucide";
import { classMap, html, icon, nothing, render, repeat, styles } from "./dom.js";
import { askForText, askToConfirm } from "./dialogs.js";
import { health } from "./health.js";
import { notify } from "./notice.js";
import { plural } from "./words.js";

const WHOSE = { installation: "All projects", person: "Yours", project: "This project" };

/**
 * @param {HTMLElement} element
 * @param {import("./project.js").Project} project
 * @param {{chosen: () => string, choose: (name: string) => void, allPhotos?: boolean,
 *   more?: () => unknown}} options `more` goes below the concepts
 */
export function rail(element, project, { chosen, choose, allPhotos = true, more = () => nothing }) {
  const draw = () => render(template(), element);
  project.addEventListener("change", draw);
  draw();
  return draw;

  function template() {
    return html`
      <h2>Concepts</h2>
      <ul class="concepts">
        ${allPhotos ? html`<li><button class=${classMap({ row: true, chosen: !chosen() })}
          aria-current=${chosen() ? "false" : "true"} @click=${() => choose("")}>
          ${icon(Images)}<span class="name">All photos</span>
          <span class="count">${project.summary ? project.counts.total.toLocaleString("en") : ""}</span>
        </button></li>` : nothing}
        ${repeat(project.concepts, (concept) => concept.id, row)}
      </ul>
      ${project.summary && !project.concepts.length ? html`<p class="hint">A concept is anything you can
        point at: a person’s dog, a ripe tomato, a scratched part.</p>` : nothing}
      ${project.may("edit") ? html`<form class="new-concept" @submit=${add}>
        ${icon(Plus)}
        <input name="name" maxlength="100" placeholder="New concept" aria-label="New concept" autocomplete="off" />
      </form>` : nothing}
      ${more()}
      ${(project.summary?.quotas ?? []).map((quota) => html`<p class="quota">${WHOSE[quota.scope]}: ${quota.words}</p>`)}`;
  }

  function row(concept, index) {
    const isChosen = chosen() === concept.name;
    return html`<li data-concept=${concept.name} ${styles({ "--concept": concept.colour })}>
      <button class=${classMap({ row: true, chosen: isChosen })} aria-current=${isChosen ? "true" : "false"}
        @click=${() => choose(concept.name)}>
        <i class="dot"></i>
        <span class="name">${concept.name}</span>
        ${allPhotos && index < 9 ? html`<kbd title="Marks the chosen photos; with shift, as not">${index + 1}</kbd>` : nothing}
        <span class="facts">
          <span title="photos marked ${concept.name}">✓ ${concept.positives}</span>
          <span title="photos marked not ${concept.name}">✕ ${concept.negatives}</span>
          ${concept.threshold == null ? nothing
            : html`<span title="photos in which Pupil finds it">${plural(concept.matches, "match", "matches")}</span>`}
          ${healthOf(concept)}
        </span>
      </button>
      ${project.may("edit") ? menu(concept) : nothing}
    </li>`;
  }

  function menu(concept) {
    return html`<button class="quiet-button more" popovertarget=${`concept-${concept.id}`} aria-label="Change ${concept.name}">${icon(Ellipsis)}</button>
      <div id=${`concept-${concept.id}`} popover class="popover menu">
        <button @click=${() => rename(concept)}>Rename…</button>
        <label>Colour <input type="color" .value=${concept.colour} @change=${(event) => change(concept, { colour: event.target.value })} /></label>
        <button class="danger" @click=${() => remove(concept)}>Delete…</button>
      </div>`;
  }

  function healthOf(concept) {
    const { level, text } = health(concept, project.learnt);
    return html`<i class=${`health ${level}`} role="img" aria-label=${`${concept.name}: ${text}`} title=${text}></i>`;
  }

  async function add(event) {
    event.preventDefault();
    const form = event.target;
    const name = form.elements.name.value.trim();
    if (!name) return;
    form.reset(); // at once: the next name may be typed before this one is there
    const known = project.concepts.find((concept) => concept.name.toLowerCase() === name.toLowerCase());
    if (known) {
      notify(`“${known.name}” is here already.`);
      return choose(known.name);
    }
    if (await attempt(() => project.api.addConcept(name))) choose(name);
    else form.elements.name.value ||= name;
  }

  async function rename(concept) {
    const name = await askForText({ title: "Rename this concept", label: "Name", value: concept.name, action: "Rename" });
    if (!name || name === concept.name) return;
    const isChosen = chosen() === concept.name;
    if (await change(concept, { name }) && isChosen) choose(name);
  }

  function change(concept, what) {
    return attempt(() => project.api.changeConcept(concept.id, what));
  }

  async function remove(concept) {
    const isSure = await askToConfirm({
      title: `Delete “${concept.name}”?`,
      text: `${plural(concept.positives + concept.negatives, "mark")} on photos will be gone. The photos stay.`,
      action: "Delete concept",
    });
    if (!isSure) return;
    if (await attempt(() => project.api.deleteConcept(concept.id)) && chosen() === concept.name) choose("");
  }

  async function attempt(work) {
    try {
      await work();
      await project.refresh();
      return true;
    } catch (error) {
      notify(error.message, { isError: true });
      return false;
    }
  }
}
