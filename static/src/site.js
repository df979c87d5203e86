/** The pages outside a project: dialogs that buttons open, cover pictures, things to copy. */
import { call } from "./api.js";

const COVER = 4;

for (const button of document.querySelectorAll("[data-opens]")) {
  button.addEventListener("click", () => document.getElementById(button.dataset.opens).showModal());
}
for (const button of document.querySelectorAll("[data-closes]")) {
  button.addEventListener("click", () => button.closest("dialog").close());
}
for (const button of document.querySelectorAll("[data-copies]")) {
  button.addEventListener("click", async () => {
    if (await copy(document.getElementById(button.dataset.copies))) button.textContent = "Copied";
  });
}

/** Browsers lend the clipboard over HTTPS and on this machine; elsewhere the selection can be copied. */
async function copy(source) {
  if (navigator.clipboard) return navigator.clipboard.writeText(source.textContent).then(() => true, () => false);
  getSelection().selectAllChildren(source);
  return document.execCommand("copy");
}

/** Show what is in a project, once its card is seen. */
const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    seen.unobserve(target);
    fillCover(target);
  }
});
for (const cover of document.querySelectorAll("[data-cover]")) seen.observe(cover);

async function fillCover(cover) {
  const query = { status: "ready", limit: COVER };
  const { items } = await call("GET", `/projects/${cover.dataset.cover}/images`, { query });
  cover.classList.add(`of-${items.length}`);
  cover.replaceChildren(...items.map((item) => {
    const image = new Image();
    image.alt = "";
    image.src = item.thumbnail_url;
    return image;
  }));
}

// A token's page answers a form: reloading it must not make another token.
if (document.getElementById("key")) history.replaceState(null, "", location.href);
