// A player over an <audio> element: the same in every browser, and the same on every page.
//
// The element keeps the browser's controls until ours are there, and for good where they cannot be
// had.

import { learnLength } from "./media-length.js";

// Longer recordings are fetched for the sake of their length only when somebody seeks in them.
const MAX_SECS_TO_LEARN = 600;
// What was entered as the length, or measured by the clock, is so much beside what is in the file.
const TOLERANCE_SECS = 1.5;
const MIN_LOOP_SECS = 0.3;

let loading = null;
let heard = null; // the player that was started last

/** Fetches the controls, behind the page: what is needed first is not kept waiting. */
export function loadControls() {
  loading ??= import("./player-controls.js").catch(() => null); // the browser's do
  return loading;
}

export class Player {
  #audio;
  #onTrouble;
  #isWanted = false; // somebody wants to hear it
  #recording = null;
  #controls = null;
  #sound = null; // all of it, once somebody needed it
  #learning = null;
  #wanted = null; // a place that is not reached yet
  #loop = { start: null, end: null };

  /** @param onTrouble - is called with whether it cannot be played, whenever that is known. */
  constructor(audio, onTrouble = () => {}) {
    this.#audio = audio;
    this.#onTrouble = onTrouble;
    const on = (name, work) => audio.addEventListener(name, work);
    on("loadedmetadata", () => this.#metadataCame());
    on("error", () => this.#failed());
    on("durationchange", () => this.#goThere());
    on("seeked", () => this.#goThere());
    on("timeupdate", () => this.keepToLoop());
    on("play", () => this.#started());
    on("ended", () => this.#ended());
  }

  get audio() {
    return this.#audio;
  }

  /** What is shown, as recordings.js describes it; null for nothing. */
  get recording() {
    return this.#recording;
  }

  async show(recording) {
    this.clear();
    this.#recording = recording;
    this.#audio.src = recording.url;
    this.#audio.hidden = false;
    await this.#addControls();
    if (this.#recording === recording) this.#controls?.show();
  }

  async #addControls() {
    const module = await loadControls();
    try {
      this.#controls ??= module?.addControls(this) ?? null;
    } catch {
      // The browser's own are still there.
    }
  }

  /** Whether the controls are ours. */
  get hasControls() {
    return this.#controls !== null;
  }

  focus() {
    this.#controls?.focus();
  }

  clear() {
    this.pause();
    URL.revokeObjectURL(this.#audio.src); // which may be none
    this.#audio.removeAttribute("src");
    this.#audio.load(); // of what it had
    this.#audio.hidden = true;
    this.#recording = this.#sound = this.#learning = this.#wanted = null;
    this.clearLoop();
    this.#controls?.hide();
  }

  get isPlaying() {
    return !this.#audio.paused && !this.#audio.ended;
  }

  play() {
    this.#isWanted = true;
    if (this.#audio.error && !this.#learning) this.#audio.load(); // it may come this time
    // It cannot, which the element tells, or something else is shown by now.
    return this.#audio.play().catch(() => {});
  }

  pause() {
    this.#isWanted = false;
    this.#audio.pause();
  }

  /** In seconds; 0 while nobody knows. */
  get length() {
    const { duration } = this.#audio;
    return Number.isFinite(duration) ? duration : this.#recording?.seconds ?? 0;
  }

  /** The same as other places say it, unless that is wrong. */
  get lengthToShow() {
    const told = this.#recording?.seconds;
    return told && Math.abs(told - this.length) < TOLERANCE_SECS ? told : this.length;
  }

  get isAtEnd() {
    return this.#audio.ended || (this.length > 0 && this.position >= this.length);
  }

  get position() {
    return this.#wanted ?? this.#audio.currentTime;
  }

  seek(seconds) {
    this.#wanted = Math.min(this.length, Math.max(0, seconds));
    this.#goThere();
    this.#controls?.update();
  }

  setSpeed(factor) {
    // Another source begins with the default.
    this.#audio.defaultPlaybackRate = this.#audio.playbackRate = factor;
  }

  /** All of it, or null if it is larger than that. */
  async fetchSound(maxBytes = Infinity) {
    await this.#learning; // which may be fetching it
    return this.#fetch(maxBytes);
  }

  async #fetch(maxBytes) {
    const recording = this.#recording;
    const sound = this.#sound ?? await recording.fetchSound(maxBytes);
    if (this.#recording === recording) this.#sound = sound;
    return sound && sound.size <= maxBytes ? sound : null;
  }

  // A stretch that is heard again and again

  get loop() {
    return this.#loop;
  }

  startLoop() {
    const { end } = this.#loop;
    const start = this.position;
    this.#loop = { start, end: end >= start + MIN_LOOP_SECS ? end : null };
    this.#controls?.update();
  }

  /** Where nothing marks its start, that is the beginning. */
  endLoop() {
    const start = this.#loop.start ?? 0;
    if (this.position < start + MIN_LOOP_SECS) return;
    this.#loop = { start, end: this.position };
    this.#controls?.update();
  }

  clearLoop() {
    this.#loop = { start: null, end: null };
    this.#controls?.update();
  }

  /** Goes back at its end. To be called as often as can be. */
  keepToLoop() {
    const { start, end } = this.#loop;
    if (end !== null && this.isPlaying && this.position >= end) this.seek(start);
  }

  #ended() {
    if (this.#loop.end === null) return;
    this.seek(this.#loop.start);
    this.play();
  }

  // What happens to the element

  #started() {
    if (heard !== this) heard?.pause();
    heard = this;
  }

  /** Chromium may play nothing of a recording without a length. It is given a better one. */
  async #failed() {
    await this.#learning;
    if (!this.#recording) return;
    this.#onTrouble(this.#audio.error !== null);
    if (!this.#audio.error && this.#isWanted) this.play();
  }

  #metadataCame() {
    this.#onTrouble(false);
    const seconds = this.#recording?.seconds ?? Infinity;
    if (this.#audio.duration === Infinity && seconds <= MAX_SECS_TO_LEARN) this.#learnLength();
    this.#goThere();
  }

  /** Where the length is not known nothing is sought: Chromium would play it no more. */
  #goThere() {
    if (this.#wanted === null || this.#audio.seeking) return;
    if (this.#audio.duration === Infinity) return this.#learnLength();
    if (Number.isNaN(this.#audio.duration)) return; // its metadata come
    const place = this.#wanted;
    this.#wanted = null;
    this.#audio.currentTime = place;
  }

  #learnLength() {
    const recording = this.#recording;
    this.#learning ??= learnLength(this.#audio, () => this.#fetch(Infinity))
      .catch(() => {}) // it plays all the same
      .then(() => {
        if (this.#recording !== recording) return;
        this.#learning = null;
        if (this.#audio.duration === Infinity) this.#wanted = null;
        this.#controls?.update();
      });
  }
}
