/** Files that are not sent yet, kept by the browser: they outlive a reload of the page. */
import { openDB } from "idb";

const STORE = "files";
const AT_ONCE = 100;
const ROOM_USED = 0.5; // of what the browser grants

/**
 * @typedef {object} Kept
 * @property {number} key
 * @property {string} name
 * @property {string} folder
 * @property {number} size
 * @property {number} lastModified
 * @property {File | null} file null where there was no room for it
 */

export class Pending {
  /** Whether a reload now would lose something. */
  isComplete = true;
  #project;
  #database = null;

  /** @type {Promise<Kept[]>} */
  #left;

  constructor(project) {
    this.#project = project;
    this.#left = this.#earlier();
  }

  /** What earlier visits left, unless another page of this browser sees to it. */
  left() {
    return this.#left;
  }

  async #earlier() {
    if (!(await isOurs(this.#project))) return [];
    try {
      return await (await this.#open()).getAllFromIndex(STORE, "project", this.#project);
    } catch {
      return []; // a browser that keeps nothing, in a private window for example
    }
  }

  /** @param {import("./arrival.js").Arrival[]} arrivals */
  async keep(arrivals) {
    this.isComplete = false;
    await this.#left; // these are not of an earlier visit
    try {
      let room = await roomLeft();
      for (let start = 0; start < arrivals.length; start += AT_ONCE) {
        room = await this.#put(arrivals.slice(start, start + AT_ONCE).filter((one) => !one.isSettled), room);
      }
      this.isComplete = room >= 0;
    } catch { /* as above: then the page asks before it is left */ }
  }

  async #put(arrivals, room) {
    const transaction = (await this.#open()).transaction(STORE, "readwrite");
    const added = arrivals.map(async (arrival) => {
      const { name, folder, size, file } = arrival;
      const isKept = size <= room;
      room = isKept ? room - size : -1; // none after the first that is too large
      const record = { project: this.#project, name, folder, size, lastModified: file.lastModified, file: isKept ? file : null };
      arrival.recordKey = await transaction.store.add(record);
    });
    await Promise.all([...added, transaction.done]);
    for (const arrival of arrivals) if (arrival.isSettled) this.forget([arrival.recordKey]);
    return room;
  }

  /** This file is there, or will never be. */
  settle(arrival) {
    arrival.isSettled = true;
    if (arrival.recordKey) this.forget([arrival.recordKey]);
  }

  /** @param {number[]} keys */
  async forget(keys) {
    try {
      const transaction = (await this.#open()).transaction(STORE, "readwrite");
      await Promise.all([...keys.map((key) => transaction.store.delete(key)), transaction.done]);
    } catch { /* it is skipped by its checksum the next time */ }
  }

  #open() {
    this.#database ??= openDB("pupil-uploads", 1, {
      upgrade(database) {
        const store = database.createObjectStore(STORE, { keyPath: "key", autoIncrement: true });
        store.createIndex("project", "project");
      },
    });
    return this.#database;
  }
}

/** Of all pages of this project in this browser one goes on with what was left. */
function isOurs(project) {
  if (!navigator.locks) return true; // over plain HTTP; the server stores no picture twice anyway
  return new Promise((resolve) => {
    navigator.locks.request(`pupil-uploads-${project}`, { ifAvailable: true }, (lock) => {
      resolve(Boolean(lock));
      return lock && new Promise(() => { /* until the page is left */ });
    });
  });
}

async function roomLeft() {
  const { quota = 0, usage = 0 } = (await navigator.storage?.estimate?.()) ?? {};
  return (quota - usage) * ROOM_USED;
}
