/** Bundles the pages' scripts and styles into static/dist. `--watch` rebuilds on every change. */
import { copyFile, mkdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const watch = process.argv.includes("--watch");
const outdir = `${here}dist`;

// The font is named here and not in static/src: Django, which collects that folder too, would look
// for the file beside it. `optional` keeps a late font from moving what is on the page.
const font = "inter-latin-wght-normal.woff2";
const fontFace = `@font-face {
  font-family: "Inter Variable";
  font-weight: 100 900;
  font-display: optional;
  src: url("./${font}") format("woff2");
}`;

await rm(outdir, { recursive: true, force: true });
await mkdir(outdir);
await copyFile(`${here}../node_modules/@fontsource-variable/inter/files/${font}`, `${outdir}/${font}`);
const context = await esbuild.context({
  entryPoints: {
    photos: `${here}src/photos.js`,
    care: `${here}src/care.js`,
    review: `${here}src/review.js`,
    try: `${here}src/try.js`,
    versions: `${here}src/versions.js`,
    version: `${here}src/version.js`,
    compare: `${here}src/compare.js`,
    trust: `${here}src/styles/trust.css`,
    import: `${here}src/import.js`,
    site: `${here}src/site.js`,
    pupil: `${here}src/styles/pupil.css`,
  },
  outdir,
  bundle: true,
  minify: !watch,
  format: "esm",
  target: ["chrome111", "firefox115", "safari16.4"],
  banner: { css: fontFace },
  legalComments: "linked",
  logLevel: "info",
});

if (watch) {
  await context.watch();
} else {
  await context.rebuild();
  await context.dispose();
}
