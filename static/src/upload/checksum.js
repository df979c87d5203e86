/** SHA-256 of files, by which the server knows what it has. */

/** Browsers compute it on this machine and over HTTPS; elsewhere files are sent without asking. */
export const canHash = Boolean(globalThis.crypto?.subtle);

/** @param {File} file */
export async function sha256(file) {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
