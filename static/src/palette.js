/** Type a few letters to choose a concept, or to make a new one where one may. */
import { opened } from "./dialogs.js";
import { html, nothing, render, styles } from "./dom.js";

const SHOWN = 50;

/**
 * Ask for a concept and whether the pictures are it or not.
 * @param {import("./project.js").Project} project
 * @param {string} title
 * @returns {Promise<{name: string, value: "positive" | "negative"} | null>}
 */
export async function askForConcept(project, title) {
  const mayAdd = project.may("edit");
  let typed = "";
  /** What is highlighted: the list may change around it, or lose it. */
  let lit = null;
  let answer = null;
  let dialog = null;

  const matches = () => found(project.concepts, typed, mayAdd);
  const placeIn = (choices) => choices.findIndex((choice) => isSame(choice, lit));
  const choose = (choice, value) => {
    if (!choice) return;
    answer = { name: choice.name, value };
    dialog.close();
  };

  function keyDown(event) {
    const choices = matches();
    const at = placeIn(choices);
    if (event.key === "ArrowDown") lit = choices[Math.min(at + 1, choices.length - 1)];
    else if (event.key === "ArrowUp") lit = choices[Math.max(at - 1, 0)];
    else if (event.key === "Enter") choose(choices[at], event.shiftKey ? "negative" : "positive");
    else return;
    event.preventDefault();
    draw();
  }

  function draw() {
    const choices = matches();
    lit ??= choices[0];
    const at = placeIn(choices);
    render(html`
      <input class="palette-input" role="combobox" aria-label=${title} aria-expanded="true" aria-controls="palette-list"
        aria-activedescendant=${at < 0 ? "" : `palette-${at}`} autocomplete="off" maxlength="100" autofocus
        placeholder=${title} @keydown=${keyDown}
        @input=${(event) => { typed = event.target.value; lit = null; draw(); }} />
      <ul id="palette-list" role="listbox" aria-label="Concepts">
        ${choices.map((choice, index) => html`<li role="option" id=${`palette-${index}`}
            aria-selected=${index === at} @click=${(event) => choose(choice, event.shiftKey ? "negative" : "positive")}>
          <i class="dot" ${styles({ "--concept": choice.colour ?? "var(--ink-2)" })}></i>
          ${choice.isNew ? html`<span>New concept “<b>${choice.name}</b>”</span>` : html`<b>${choice.name}</b>`}
        </li>`)}
      </ul>
      ${choices.length ? nothing : html`<p class="hint">${mayAdd ? "Type a name, for example of your dog." : "There is no such concept. An editor or owner can add one."}</p>`}
      <p class="keys"><kbd>Enter</kbd> is this <kbd>Shift</kbd><kbd>Enter</kbd> is <em>not</em> this <kbd>Esc</kbd> close</p>`,
    dialog);
  }

  await opened("dialog palette", title, (empty) => {
    dialog = empty;
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    draw();
    project.addEventListener("change", draw);
  });
  project.removeEventListener("change", draw);
  return answer;
}

/** Whether these are one concept, whatever it is called by now; one that is new has no more than its name. */
function isSame(choice, other) {
  return choice.id && other.id ? choice.id === other.id : choice.name === other.name;
}

/** Those that begin with what was typed come before those that contain it. */
function found(concepts, typed, mayAdd) {
  const wanted = typed.trim().toLowerCase();
  const rank = ({ name }) => {
    const at = name.toLowerCase().indexOf(wanted);
    return at === 0 ? 0 : at > 0 ? 1 : 2;
  };
  const matching = concepts.filter((concept) => rank(concept) < 2).sort((a, b) => rank(a) - rank(b));
  const isKnown = concepts.some(({ name }) => name.toLowerCase() === wanted);
  const added = mayAdd && wanted && !isKnown ? [{ name: typed.trim(), isNew: true }] : [];
  return [...matching.slice(0, SHOWN), ...added];
}
