/** Questions asked in a dialog of the browser's own kind. Each answers with a promise. */
import { html, nothing, render } from "./dom.js";

function ask(content, answerOf) {
  return new Promise((resolve) => {
    const dialog = document.createElement("dialog");
    dialog.className = "dialog";
    dialog.setAttribute("aria-labelledby", "dialog-title");
    render(html`<form method="dialog">${content}</form>`, dialog);
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "yes" ? answerOf(dialog) : null);
      dialog.remove();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
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
