/** Questions asked in a dialog of the browser's own kind. Each answers with a promise. */
import { html, nothing, render } from "./dom.js";

/**
 * Show a dialog until it is closed, and let it go then.
 * @param {string} name the classes, with "dialog" among them
 * @param {string} title read out where nothing on it has the id "dialog-title"
 * @param {(dialog: HTMLDialogElement) => void} draw fills it before it is shown
 * @returns {Promise<HTMLDialogElement>} as it was closed
 */
export function opened(name, title, draw) {
  return new Promise((resolve) => {
    const dialog = Object.assign(document.createElement("dialog"), { className: name });
    if (title) dialog.setAttribute("aria-label", title);
    else dialog.setAttribute("aria-labelledby", "dialog-title");
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog);
    });
    draw(dialog);
    document.body.append(dialog);
    dialog.showModal();
  });
}

async function ask(content, answerOf) {
  const dialog = await opened("dialog", "", (empty) => render(html`<form method="dialog">${content}</form>`, empty));
  return dialog.returnValue === "yes" ? answerOf(dialog) : null;
}

function buttons(action, isDanger = false) {
  return html`<p class="actions">
    <button type="button" @click=${(event) => event.target.closest("dialog").close("no")}>Cancel</button>
    <button class=${isDanger ? "primary danger" : "primary"} value="yes">${action}</button>
  </p>`;
}

/** @returns {Promise<string | null>} */
export function askForText({ title, label, value = "", action, isRequired = true, most = 100 }) {
  return ask(
    html`<h2 id="dialog-title">${title}</h2>
      <label class="field">${label}<input name="text" ?required=${isRequired} maxlength=${most} autocomplete="off" autofocus .value=${value} /></label>
      ${buttons(action)}`,
    (dialog) => dialog.querySelector("input").value.trim(),
  );
}

/** @returns {Promise<true | null>} */
export function askToConfirm({ title, text = "", action }) {
  return ask(
    html`<h2 id="dialog-title">${title}</h2>${text ? html`<p>${text}</p>` : nothing}${buttons(action, true)}`,
    () => true,
  );
}
