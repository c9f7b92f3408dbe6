// Shows that the microphone hears: the loudness of the last seconds as a row of bars.

import { Loudness } from "./loudness.js";
import { levelOf } from "./peaks.js";

const BARS = 32;
const BARS_PER_SECOND = 16;
const FULL_SCALE = 0.99;
// Of 2048. A browser that evens out the loudness clips a few until it has found it.
const CLIPPED_SAMPLES = 20;
const STUCK_MILLISECONDS = 1000;

export class LevelMeter {
  #element;
  #context = null;
  #measure = null; // gives the loudness of this moment, null while the browser measures nothing
  #timer = null;
  #levels = [];
  #onLevel;

  /** What is told of the last seconds. */
  loudness = new Loudness();

  /**
   * @param element - an empty one; it gets the bars.
   * @param onLevel - is called with each level, from 0 to 1, as it is measured.
   */
  constructor(element, onLevel = () => {}) {
    this.#element = element;
    this.#onLevel = onLevel;
    element.replaceChildren(...Array.from({ length: BARS }, () => document.createElement("span")));
    this.#draw();
  }

  /** It is a decoration: where the browser refuses to measure, the bars only stay flat. */
  start(stream) {
    this.stop();
    try {
      this.#measure = this.#measureOf(stream);
    } catch {
      this.#measure = null;
    }
    this.resume();
  }

  #measureOf(stream) {
    this.#context = new AudioContext();
    const analyser = this.#context.createAnalyser();
    this.#context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const isRunning = clockOf(this.#context);
    return () => {
      if (!isRunning()) {
        this.#context.resume().catch(() => {}); // a locked screen or a call has suspended it
        this.loudness.forget();
        return null;
      }
      analyser.getFloatTimeDomainData(samples);
      const level = levelOf(samples);
      this.loudness.hear(level, isClipped(samples));
      return level;
    };
  }

  /** Goes on after `pause`. */
  resume() {
    this.loudness.forget();
    if (!this.#measure) return;
    this.#timer = setInterval(() => {
      const level = this.#measure();
      this.#levels = [...this.#levels.slice(1 - BARS), level ?? 0];
      if (level !== null) this.#onLevel(level);
      this.#draw();
    }, 1000 / BARS_PER_SECOND);
  }

  pause() {
    clearInterval(this.#timer);
    this.#levels = [];
    this.#draw();
  }

  stop() {
    this.pause();
    this.#context?.close();
    this.#context = null;
  }

  #draw() {
    const silence = BARS - this.#levels.length;
    for (const [index, bar] of [...this.#element.children].entries()) {
      const level = this.#levels[index - silence] ?? 0;
      bar.style.setProperty("--level", level.toFixed(2));
    }
  }
}

const isClipped = (samples) =>
  samples.filter((sample) => Math.abs(sample) > FULL_SCALE).length >= CLIPPED_SAMPLES;

/** Gives whether it measures. Safari may call one running that stands still. */
function clockOf(context) {
  let [time, movedAt] = [-1, performance.now()];
  return () => {
    const now = performance.now();
    if (context.currentTime !== time) [time, movedAt] = [context.currentTime, now];
    return context.state === "running" && now - movedAt < STUCK_MILLISECONDS;
  };
}
