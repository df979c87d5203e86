/** The camera: each frame is asked about as soon as the last one was answered. Nothing is kept. */

const LONGEST_SIDE = 448;
const QUALITY = 0.85;
const PAUSE_AFTER_ERROR = 1500; // ms

export const canUseCamera = Boolean(navigator.mediaDevices?.getUserMedia);

export class Camera extends EventTarget {
  video = Object.assign(document.createElement("video"), { muted: true, playsInline: true });
  /** The last answer: concepts, best first. @type {object[]} */
  said = [];
  error = "";
  #canvas = document.createElement("canvas");
  #stream = null;
  #isStarting = false;
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
      this.#watch(this.#stream);
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
      try {
        const { results } = await this.#ask(await this.frame(LONGEST_SIDE));
        if (this.#stream !== stream) return;
        this.said = results[0]?.concepts ?? [];
        this.error = "";
      } catch (error) {
        this.error = error.message;
        await new Promise((resolve) => { setTimeout(resolve, PAUSE_AFTER_ERROR); });
      }
      if (this.#stream === stream) this.#changed();
      await new Promise(requestAnimationFrame); // waits while nobody looks
    }
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
