// What is heard of the voice: shown as bars, told in words, and kept for the player.

import { byID } from "./dom.js";
import { LevelMeter } from "./level-meter.js";
import { Peaks } from "./peaks.js";
import { text } from "./text.js";

// Other than these all is well, or unknown.
const TOLD = ["loud", "silent", "quiet"];
// By then a browser that measures has measured something.
const UNMEASURED_MILLISECONDS = 10_000;

export class Voice {
  #meter = new LevelMeter(byID("level"), (level) => this.#heard(level));
  #recorder = null; // null in a check
  #peaks = null;
  #startedAt = 0;

  /** Listens to what is recorded. */
  record(recorder) {
    this.#start(recorder.stream, recorder, new Peaks());
  }

  /** Listens, and keeps nothing. */
  check(stream) {
    this.#start(stream, null, null);
  }

  #start(stream, recorder, peaks) {
    [this.#recorder, this.#peaks] = [recorder, peaks];
    this.#startedAt = performance.now();
    this.#meter.start(stream);
  }

  #heard(level) {
    this.#peaks?.add(level, this.#recorder.seconds);
  }

  pause() {
    this.#meter.pause();
  }

  resume() {
    this.#meter.resume();
  }

  stop() {
    this.#meter.stop();
  }

  /** Of what is, or was last, recorded: as they are kept with a take. */
  get peaks() {
    return String(this.#peaks);
  }

  /** What to tell of the last seconds. */
  get words() {
    const { verdict } = this.#meter.loudness;
    if (TOLD.includes(verdict)) return text(`state.${verdict}`);
    if (this.#recorder) return text("state.recording");
    if (verdict === "good") return text("state.heard");
    const isUnknown = performance.now() - this.#startedAt > UNMEASURED_MILLISECONDS;
    return text(isUnknown ? "state.unmeasured" : "state.checking");
  }
}
