/** The history: who did what with which version, newest first. */
import { html, nothing } from "../dom.js";
import { moment, percent } from "../words.js";

export function deeds(events) {
  return html`<table class="deeds"><thead class="sr-only"><tr><th>What</th><th>Who</th><th>When</th></tr></thead>
    <tbody>${events.map((event) => html`<tr>
      <td>${sentence(event)}</td><td class="quiet">${event.by ?? nothing}</td><td class="quiet">${moment(event.at)}</td></tr>`)}</tbody></table>`;
}

function sentence({ kind, number, details }) {
  const version = `Version ${number}`;
  switch (kind) {
    case "made":
      if (details.backbone) return `${version} trained on what another network sees: ${details.backbone}`;
      return details.from ? `${version} refined from version ${details.from}` : `${version} trained`;
    case "stage":
      if (details.to === "live") return html`<b>${version} published</b>`;
      return details.to === "preview" ? `${version} put in preview` : `${version} taken out of preview`;
    case "threshold":
      return details.threshold === null ? `${version}: ${details.concept} counts as found where the fit put it`
        : `${version}: ${details.concept} counts as found from ${percent(details.threshold)}`;
    case "renamed":
      return details.name ? `${version} named “${details.name}”` : `${version} noted`;
    default:
      return `${version} deleted`;
  }
}
