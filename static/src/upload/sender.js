/** Sends one file, waiting for a server that is away. */
import { fetcher } from "@uppy/core/utils";
import { ApiError, AWAY, csrfToken, errorFrom } from "../api.js";

const ASK_AGAIN_AFTER = 2000; // ms, while the server is away
const TOO_SLOW = 408; // a slow line, for which the server did not wait

export class Sender {
  isServerAway = false;
  #url;
  #changed;
  #return = null;

  /** @param {string} url @param {() => void} changed */
  constructor(url, changed) {
    this.#url = url;
    this.#changed = changed;
  }

  /**
   * @param {File} file
   * @param {(share: number) => void} progress
   * @returns {Promise<object>} the server's answer
   * @throws {import("../api.js").ApiError} it was refused
   */
  async send(file, name, progress) {
    for (;;) {
      try {
        return JSON.parse((await this.#post(file, name, progress)).responseText);
      } catch (error) {
        const status = error.request?.status ?? 0;
        if (status !== TOO_SLOW && !AWAY.includes(status)) throw errorFrom(status, parsed(error.request?.responseText));
        if (!(await canBeRead(file))) throw new ApiError("This file can’t be read any more: it was moved, changed or deleted.");
        progress(0);
        await this.#serverIsBack();
      }
    }
  }

  #post(file, name, progress) {
    const form = new FormData();
    form.append("file", file, name);
    return fetcher(this.#url, {
      method: "POST",
      body: form,
      headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" },
      shouldRetry: () => false,
      onUploadProgress: ({ loaded, total }) => progress(total ? loaded / total : 0),
    });
  }

  /** All who wait, wait for the same answer. */
  #serverIsBack() {
    this.#return ??= this.#ask();
    return this.#return;
  }

  async #ask() {
    this.isServerAway = true;
    this.#changed();
    let isThere = false;
    while (!isThere) {
      await new Promise((resolve) => { setTimeout(resolve, ASK_AGAIN_AFTER); });
      isThere = await fetch("/healthz", { cache: "no-store" }).then((answer) => answer.ok, () => false);
    }
    this.isServerAway = false;
    this.#return = null;
    this.#changed();
  }
}

/** A file that is gone from the disk fails just as a server that is away does. */
function canBeRead(file) {
  return file.slice(0, 1).arrayBuffer().then(() => true, () => false);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // not our server's answer: the status says enough
  }
}
