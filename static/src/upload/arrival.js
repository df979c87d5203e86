/** A file on its way: what of it is shown before the server has it. */
import { imageSize } from "image-size";

const HEADER_BYTES = 256 * 1024;
const SIDEWAYS = 5; // EXIF orientations from here on swap width and height

let count = 0;

export class Arrival {
  /** @type {"waiting" | "sending" | "done" | "duplicate" | "failed"} */
  state = "waiting";
  progress = 0;
  message = "";
  canRetry = false;
  objectUrl = null;
  /** Under which the browser keeps it until it is sent. */
  recordKey = 0;
  isSettled = false;
  /** It was on its way before the page was opened anew. */
  isAgain = false;
  /** The picture in the gallery that stands for this file, if one does. */
  item = null;

  /** @param {File} file */
  constructor(file) {
    count += 1;
    this.key = `file-${count}`;
    this.file = file;
    this.name = file.name;
    this.size = file.size;
    this.folder = folderOf(file);
  }

  /** A file that was kept when the page was left. @param {import("./pending.js").Kept} kept */
  static again({ key, file, folder }) {
    return Object.assign(new Arrival(file), { recordKey: key, folder, isAgain: true });
  }

  /** It is about to be drawn: show the file itself until there is a thumbnail. */
  prepare() {
    if (this.objectUrl || !this.file || this.item?.thumbnail_url || this.state === "failed") return;
    this.objectUrl = URL.createObjectURL(this.file);
  }

  /** It is drawn no more. */
  release() {
    if (!this.objectUrl || !this.item?.thumbnail_url) return;
    URL.revokeObjectURL(this.objectUrl);
    this.objectUrl = null;
    this.file = null;
  }

  /** Make the gallery's picture for this file, in its own shape where its header tells it. */
  async asPicture() {
    const { width, height } = await measure(this.file);
    this.item = {
      key: this.key,
      id: null,
      filename: this.name,
      width,
      height,
      status: "pending",
      labels: [],
      predictions: [],
      upload: this,
    };
    return this.item;
  }
}

async function measure(file) {
  try {
    const header = await file.slice(0, HEADER_BYTES).arrayBuffer();
    const { width, height, orientation = 1 } = imageSize(new Uint8Array(header));
    return orientation >= SIDEWAYS ? { width: height, height: width } : { width, height };
  } catch {
    return { width: 0, height: 0 };
  }
}

/** Name of the folder a file was dropped with, or empty. */
function folderOf(file) {
  const path = file.webkitRelativePath || file.relativePath || "";
  return path.split("/").filter(Boolean).slice(0, -1).at(-1) ?? "";
}
