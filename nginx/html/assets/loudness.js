// Judges whether a voice is loud enough, by what was measured of it in the last seconds.

const MEMORY_SECS = 30;
const SILENT_SECS = 6;
const QUIET_SECS = 6;
const LOUD_SECS = 5;
const CLIPPED_MOMENTS = 3; // one may be a knock on the table
const AUDIBLE_LEVEL = 0.15;
const CLEAR_LEVEL = 0.33;

export class Loudness {
  #moments = []; // { at, level, isClipped }

  /** @param level - from 0 to 1, even steps being even to the ear. */
  hear(level, isClipped) {
    const at = performance.now();
    const isRecent = (moment) => moment.at > at - MEMORY_SECS * 1000;
    this.#moments = [...this.#moments.filter(isRecent), { at, level, isClipped }];
  }

  /** As if nothing had been measured yet: what was silent may only not have been heard. */
  forget() {
    this.#moments = [];
  }

  /**
   * "loud" when it clips, "silent", "quiet" when it has never been clear, "good", or null as long
   * as nobody knows.
   */
  get verdict() {
    if (this.#moments.length === 0) return null;
    const secs = (performance.now() - this.#moments[0].at) / 1000;
    const clipped = this.#last(LOUD_SECS).filter(({ isClipped }) => isClipped);
    if (clipped.length >= CLIPPED_MOMENTS) return "loud";
    const isSilent = this.#last(SILENT_SECS).every(({ level }) => level <= AUDIBLE_LEVEL);
    if (secs >= SILENT_SECS && isSilent) return "silent";
    if (this.#moments.some(({ level }) => level > CLEAR_LEVEL)) return "good";
    return secs >= QUIET_SECS ? "quiet" : null;
  }

  #last(secs) {
    const since = performance.now() - secs * 1000;
    return this.#moments.filter(({ at }) => at > since);
  }
}
