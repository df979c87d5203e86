/** What is on its way to the server: one request after the other, for what was said last must arrive
 * last. While the server is away all of it waits; when the page is left it is sent in one go. */
import { AWAY } from "./api.js";

const AGAIN_AFTER = [1000, 2000, 5000]; // ms

/**
 * @typedef {object} Letter
 * @property {(isAgain: boolean) => Promise<void>} send
 * @property {() => object[]} labels what sending it comes to
 * @property {object} step what it tells of
 */

export class Outbox {
  isAway = false;
  /** @type {Letter[]} */
  #letters = [];
  #sent = Promise.resolve();
  #tell;

  /** @param {(isAway: boolean) => void} tell */
  constructor(tell) {
    this.#tell = tell;
  }

  /** Once all that was put in until now has arrived, or was refused. */
  get sent() {
    return this.#sent;
  }

  /** What those that have not arrived yet tell of. */
  get steps() {
    return this.#letters.map((letter) => letter.step);
  }

  /** What has not arrived yet, the latest last. */
  get labels() {
    return this.#letters.flatMap((letter) => letter.labels());
  }

  /**
   * @param {Letter} letter
   * @param {(error: Error | null) => void} done told what became of it
   */
  put(letter, done) {
    this.#letters.push(letter);
    this.#sent = this.#sent.then(async () => {
      const error = await this.#deliver(letter).then(() => null, (problem) => problem);
      this.#letters.shift();
      done(error);
    });
  }

  async #deliver(letter) {
    for (let tries = 0; ; tries += 1) {
      try {
        await letter.send(tries > 0);
        this.#setAway(false);
        return;
      } catch (error) {
        if (!AWAY.includes(error.status)) throw error;
      }
      this.#setAway(true);
      await new Promise((done) => { setTimeout(done, AGAIN_AFTER[Math.min(tries, AGAIN_AFTER.length - 1)]); });
    }
  }

  #setAway(isAway) {
    if (this.isAway === isAway) return;
    this.isAway = isAway;
    this.#tell(isAway);
  }
}
