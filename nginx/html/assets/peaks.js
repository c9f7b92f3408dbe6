// How loud a recording is from its beginning to its end, in a few hundred bytes: what a player
// draws.

const MAX_COUNT = 480;
const FIRST_SECS_EACH = 1 / 16;
const QUIETEST_DECIBELS = -60;
const STEPS = 31; // each is written as one digit of base 32

/** Takes levels as they come, and grows coarser with the length. */
export class Peaks {
  #levels = [];
  #secsEach = FIRST_SECS_EACH;

  /** @param level - from 0 to 1, what is heard at that second; seconds never go back. */
  add(level, second) {
    while (second >= MAX_COUNT * this.#secsEach) this.#halve();
    const index = Math.floor(second / this.#secsEach);
    // A hidden page measures less often: it was as loud until now.
    while (this.#levels.length <= index) this.#levels.push(level);
    this.#levels[index] = Math.max(this.#levels[index], level);
  }

  #halve() {
    const pairs = Math.ceil(this.#levels.length / 2);
    this.#levels = spread(this.#levels, pairs);
    this.#secsEach *= 2;
  }

  /** As it is kept. */
  toString() {
    return this.#levels.map((level) => Math.round(level * STEPS).toString(32)).join("");
  }
}

/** The levels of what was kept. */
export function levelsIn(peaks) {
  return Array.from(peaks, (digit) => parseInt(digit, 32) / STEPS);
}

/** The same in as many levels as that: the loudest of each stretch. */
export function spread(levels, count) {
  return Array.from({ length: count }, (_, index) => {
    const start = Math.floor((index * levels.length) / count);
    const end = Math.ceil(((index + 1) * levels.length) / count);
    return Math.max(...levels.slice(start, end));
  });
}

/** From 0, silence, to 1, as loud as it gets; even steps are even to the ear. */
export function levelOf(samples) {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  const decibels = 10 * Math.log10(power + 1e-12);
  return Math.min(1, Math.max(0, 1 - decibels / QUIETEST_DECIBELS));
}
