/** What is known of the large picture: what Pupil says, what people say, facts, and its likes. */
import { X } from "lucide";
import { bars } from "../bars.js";
import { html, icon, nothing, repeat, styles } from "../dom.js";
import { size } from "../words.js";

export function panel({ item, details, similar, project, where, becauseOf, testMark, say, settle, show, write, part, close }) {
  return html`<aside>
    <header><h2>${item.filename}</h2>
      <button class="quiet-button" aria-label="Close" title="Close (Esc)" @click=${close}>${icon(X)}</button></header>
    <h3>What Pupil says</h3>
    ${item.predictions?.length ? bars(item.predictions, project, { where })
      : html`<p class="quiet">Nothing yet: mark some photos and train.</p>`}
    ${becauseOf(item)}
    ${project.concepts.length && project.may("label") ? html`<h3>What you say</h3>
      <ul class="sayings">${project.concepts.map((concept, index) => saying(concept, index))}</ul>${testMark(item)}` : nothing}
    <h3>About this photo</h3>
    <dl class="facts">${facts(item, details).map(([name, text]) => html`<div><dt>${name}</dt><dd>${text}</dd></div>`)}</dl>
    ${item.id ? repeat([item], (one) => one.id, (one) => noteOf(one, write)) : nothing}
    ${item.id && item.status === "ready" ? html`<p class="ways">
      <a class="button small" href="?q=near:${item.id}">More like this</a>
      <button class="button small" aria-pressed=${part.isOn} @click=${part.toggle}>Like a part of it</button></p>
      ${part.isOn ? html`<p class="quiet" role="status">Drag a box over the photo. Or move the one that is there with the arrow keys,
        size it with <kbd>Shift</kbd>, and press <kbd>Enter</kbd>.</p>` : nothing}` : nothing}
    ${similar.length ? html`<h3>${part.isOn ? "Like that part" : "Similar photos"}</h3>
      <ul class="similar">${repeat(similar, (one) => one.id, (one) => html`<li>
        <button aria-label=${one.filename} @click=${() => show(one)}><img src=${one.thumbnail_url ?? ""} alt="" /></button></li>`)}</ul>` : nothing}
  </aside>`;

  function saying(concept, index) {
    const value = valueOf(item, concept.name);
    const button = (what, text) => html`<button class="button small" aria-pressed=${value === what}
      @click=${() => say(concept.name, value === what ? null : what)}>${text}</button>`;
    const told = details?.label_details.find((one) => one.concept === concept.name && one.value === value);
    return html`<li ${styles({ "--concept": concept.colour })}>
      <i class="dot"></i><span class="name">${concept.name}
        ${told ? html`<small>by ${by(told.set_by)}, ${day(told.set_at)}</small>` : nothing}</span>
      ${index < 9 ? html`<kbd class="only-wide">${index + 1}</kbd>` : nothing}
      ${button("positive", "Yes")}${button("negative", "No")}
      ${told?.disputed ? dispute(concept) : nothing}</li>`;
  }

  /** Who says what, where not all say the same; an owner decides. */
  function dispute(concept) {
    const said = details.opinions.filter((one) => one.concept === concept.name);
    const who = (value) => said.filter((one) => one.value === value).map((one) => by(one.by)).join(", ");
    const isOwner = "owner" in document.body.dataset;
    return html`<div class="dispute"><p><b>You disagree.</b> Yes: ${who("positive")}. No: ${who("negative")}.
      ${isOwner ? nothing : "An owner can settle it."}</p>
      ${isOwner ? html`<button class="button small" @click=${() => settle(concept.name, "positive")}>Settle: yes</button>
      <button class="button small" @click=${() => settle(concept.name, "negative")}>Settle: no</button>` : nothing}</div>`;
  }
}

/** Words to find the picture by, kept when the field is left. */
function noteOf(item, write) {
  return html`<label class="field note">Note
    <textarea rows="2" maxlength="5000" .value=${item.note ?? ""} @change=${(event) => write(item, event.target.value.trim())}></textarea></label>`;
}

function valueOf(item, concept) {
  return (item.labels ?? []).find((one) => one.concept === concept)?.value;
}

function facts(item, details) {
  return [
    ["Size", item.width && item.byte_size ? `${item.width} × ${item.height}, ${size(item.byte_size)}` : ""],
    ["Kind", item.content_type?.split("/")[1]?.toUpperCase()],
    ["Added", item.created_at ? new Date(item.created_at).toLocaleString() : ""],
    ["Taken", item.taken_at ? new Date(item.taken_at).toLocaleString("en-GB", { timeZone: "UTC" }) : ""],
    ["Seen", details?.tags?.slice(0, 4).map((tag) => tag.name).join(", ")],
    ["By", details?.added_by ? by(details.added_by) : ""],
  ].filter(([, text]) => text);
}

function by(email) {
  if (!email) return "someone who left";
  return email === document.body.dataset.person ? "you" : email;
}

function day(time) {
  return new Date(time).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
}
