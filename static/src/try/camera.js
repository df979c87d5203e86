/** The camera: while one frame is looked at, the next is on its way. Nothing is kept. */

const LONGEST_SIDE = 384; // more than the networks look at
const QUALITY = 0.8;
const ON_THEIR_WAY = 2; // so that nobody waits for the way there and back
const LEAST_MS = 150; // from frame to frame on each way: nobody reads figures any faster
const PAUSE_AFTER_ERROR_MS = 1500;

export const canUseCamera = Boolean(navigator.mediaDevices?.getUserMedia);

export class Camera extends EventTarget {
  video = Object.assign(document.createElement("video"), { muted: true, playsInline: true });
  /** The last answer: concepts, best first. @type {object[]} */
  said = [];
  error = "";
  #canvas = document.createElement("canvas");
  #stream = null;
  #isStarting = false;
  #asked = 0;
  #answered = 0;
  #ask;

  /** @param {(frame: File) => Promise<{results: object[]}>} ask */
  constructor(ask) {
    super();
    this.#ask = ask;
    this.video.setAttribute("aria-label", "What the camera sees");
  }

  get isOn() {
    return this.#stream !== null;
  }

  async start() {
    if (this.#isStarting) return; // the button was pressed twice
    this.#isStarting = true;
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      this.error = "";
      this.video.srcObject = this.#stream;
      await this.video.play();
      for (let lane = 0; lane < ON_THEIR_WAY; lane += 1) this.#watch(this.#stream);
    } catch {
      this.stop();
      this.error = "The camera cannot be used. Allow it in the browser, and see that nothing else uses it.";
    }
    this.#isStarting = false;
    this.#changed();
  }

  stop() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    this.video.srcObject = null;
    this.said = [];
    this.#changed();
  }

  /** What it sees now, as a file. @returns {Promise<File>} */
  async frame(longestSide = Infinity) {
    const { videoWidth, videoHeight } = this.video;
    const scale = Math.min(1, longestSide / Math.max(videoWidth, videoHeight));
    this.#canvas.width = Math.round(videoWidth * scale);
    this.#canvas.height = Math.round(videoHeight * scale);
    this.#canvas.getContext("2d").drawImage(this.video, 0, 0, this.#canvas.width, this.#canvas.height);
    const blob = await new Promise((resolve) => { this.#canvas.toBlob(resolve, "image/jpeg", QUALITY); });
    const time = new Date().toISOString().slice(0, 19).replaceAll(":", ".");
    return new File([blob], `camera ${time}.jpg`, { type: "image/jpeg" });
  }

  async #watch(stream) {
    while (this.#stream === stream) {
      await Promise.all([this.#look(stream), pause(LEAST_MS)]);
      await new Promise(requestAnimationFrame); // waits while nobody looks
    }
  }

  async #look(stream) {
    try {
      const frame = await this.frame(LONGEST_SIDE);
      this.#asked += 1;
      const mine = this.#asked;
      const { results } = await this.#ask(frame);
      if (this.#stream !== stream || mine < this.#answered) return; // a later frame's answer is shown
      this.#answered = mine;
      this.said = results[0]?.concepts ?? [];
      this.error = "";
    } catch (error) {
      if (this.#stream !== stream) return;
      this.error = error.message;
      this.#changed();
      await pause(PAUSE_AFTER_ERROR_MS);
    }
    if (this.#stream === stream) this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

function pause(ms) {
  return new Promise((resolve) => { setTimeout(resolve, ms); });
}
