// Shows that the microphone hears: the loudness of the last seconds as a row of bars.

const BARS = 32;
const BARS_PER_SECOND = 16;
const QUIETEST_DECIBELS = -60;
const AUDIBLE_LEVEL = 0.15;

export class LevelMeter {
  #element;
  #context = null;
  #measure = null; // gives the loudness of this moment, null while the browser measures nothing
  #timer = null;
  #levels = [];
  #lastHeardAt = 0;

  /** @param element - an empty one; it gets the bars. */
  constructor(element) {
    this.#element = element;
    element.replaceChildren(...Array.from({ length: BARS }, () => document.createElement("span")));
    this.#draw();
  }

  /** Seconds since something was heard; 0 where nothing is measured. */
  get silentSecs() {
    if (!this.#measure) return 0;
    return (performance.now() - this.#lastHeardAt) / 1000;
  }

  /** It is a decoration: where the browser refuses to measure, the bars only stay flat. */
  start(stream) {
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
    return () => {
      if (this.#context.state !== "running") {
        this.#context.resume().catch(() => {}); // a locked screen or a call has suspended it
        return null;
      }
      analyser.getFloatTimeDomainData(samples);
      return levelOf(samples);
    };
  }

  /** Goes on after `pause`. */
  resume() {
    if (!this.#measure) return;
    this.#lastHeardAt = performance.now();
    this.#timer = setInterval(() => {
      const level = this.#measure();
      if (level === null || level > AUDIBLE_LEVEL) this.#lastHeardAt = performance.now();
      this.#levels = [...this.#levels.slice(1 - BARS), level ?? 0];
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

/** From 0, silence, to 1, as loud as it gets; even steps are even to the ear. */
function levelOf(samples) {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  const decibels = 10 * Math.log10(power + 1e-12);
  return Math.min(1, Math.max(0, 1 - decibels / QUIETEST_DECIBELS));
}
