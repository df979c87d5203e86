/** Pictures kept for testing: they judge versions, and no version learns from them. */
import { html } from "./dom.js";
import { notify } from "./notice.js";

/** @param {import("./project.js").Project} project */
export function testMark(project, draw) {
  async function toggle(item, event) {
    const test = event.target.checked;
    try {
      await project.api.keepForTesting([item.id], test);
      item.test = test;
    } catch (error) {
      event.target.checked = !test;
      notify(error.message, { isError: true });
    }
    draw();
  }

  return (item) => html`<label class="test-mark"><input type="checkbox" .checked=${Boolean(item.test)} ?disabled=${!item.id}
    @change=${(event) => toggle(item, event)} /> <span>Keep for testing <span class="quiet">never learnt from, only judged by</span></span></label>`;
}
