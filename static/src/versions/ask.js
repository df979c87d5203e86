/** What people ask of a version, with a question first where it can't be taken back. */
import { askForText, askToConfirm } from "../dialogs.js";

/**
 * @param {import("../project.js").Project} project
 * @param {(work: () => Promise<unknown>, said?: string) => Promise<void>} attempt
 */
export function askFor(project, attempt) {
  const change = (version, what, said) => attempt(() => project.api.changeVersion(version.number, what), said);
  return {
    async rename(version) {
      const name = await askForText({
        title: `Name version ${version.number}`, label: "Name", value: version.name, action: "Save", isRequired: false,
      });
      if (name !== null) await change(version, { name });
    },
    async note(version) {
      const note = await askForText({
        title: `Note on version ${version.number}`, label: "Note", value: version.note, action: "Save", isRequired: false, most: 2000,
      });
      if (note !== null) await change(version, { note });
    },
    publish: (version) => change(version, { stage: "live" }, `Version ${version.number} is live.`),
    preview: (version) => change(version, { stage: "preview" }, `Version ${version.number} is in preview: programs get it with ?stage=preview.`),
    withdraw: (version) => change(version, { stage: "draft" }, `Version ${version.number} is a draft again.`),
    rollBack: (number) => change({ number }, { stage: "live" }, `Rolled back: version ${number} is live.`),
    async remove(version) {
      const isSure = await askToConfirm({
        title: `Delete version ${version.number}?`,
        text: "It can’t be brought back. The pictures and your marks stay.",
        action: "Delete version",
      });
      if (isSure) await attempt(() => project.api.deleteVersion(version.number));
    },
  };
}
