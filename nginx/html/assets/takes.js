// The takes of this page, kept in IndexedDB where the browser lets us, in memory where it does not.

import { claim, newTakeID, TakeStore } from "./take-store.js";

// What the server takes of one. It judges for itself; the pages only tell it earlier.
export const MAX_BYTES = 50 * 1024 * 1024;
export const MIN_SECS = 1;

// A store that has failed may never answer again, and nothing depends on it.
const MAX_MILLISECONDS_TO_REMOVE = 2000;

export function newTake(type, about) {
  const size = { durationSecs: 0, byteCount: 0 };
  return { id: newTakeID(), type, ...about, ...size, recordedAt: Date.now(), sentAt: null };
}

export class Takes {
  #store;
  #isFailing = false; // writing to the store, which is full for instance
  #takes = new Map(); // by id: { take, pieces: the sound as far as it was made on this page }
  #removed = new Set(); // ids that the store may still have
  #countElsewhere = 0;

  static async open() {
    try {
      const store = await TakeStore.open();
      const takes = new Takes(store);
      await takes.refresh();
      return takes;
    } catch {
      return new Takes(null); // switched off in the browser
    }
  }

  constructor(store) {
    this.#store = store;
  }

  /** Whether takes outlive the page. */
  get areKept() {
    return this.#store !== null && !this.#isFailing;
  }

  /** How many takes another tab is busy with. */
  get countElsewhere() {
    return this.#countElsewhere;
  }

  /** Takes over what is kept and no other tab's: one may have been closed. */
  async refresh() {
    if (!this.#store) return;
    const isKnown = ({ id }) => this.#takes.has(id) || this.#removed.has(id);
    const others = (await this.#store.all()).filter((take) => !isKnown(take));
    const claimed = await Promise.all(others.map(claim));
    for (const take of others.filter((_, index) => claimed[index])) {
      this.#takes.set(take.id, { take, pieces: null });
    }
    this.#countElsewhere = claimed.filter((isOurs) => !isOurs).length;
  }

  /** Newest first. */
  othersThan(take) {
    return [...this.#takes.values()]
      .map((entry) => entry.take)
      .filter((other) => other.id !== take?.id)
      .sort((first, second) => second.recordedAt - first.recordedAt);
  }

  /** A whole take at once. */
  async add(take, sound) {
    this.#removed.delete(take.id);
    take.byteCount = 0;
    await this.append(take, sound);
  }

  /** The take's next piece. */
  async append(take, piece) {
    const entry = this.#takes.get(take.id) ?? { take, pieces: [] };
    this.#takes.set(take.id, entry);
    const index = entry.pieces.push(piece) - 1;
    take.byteCount += piece.size;
    await this.#keep((store) => store.put(take, { index, sound: piece }));
  }

  async update(take) {
    await this.#keep((store) => store.put(take));
  }

  async sound(take) {
    const { pieces } = this.#takes.get(take.id);
    return pieces ? new Blob(pieces, { type: take.type }) : this.#store.sound(take);
  }

  async remove(take) {
    this.#takes.delete(take.id);
    this.#removed.add(take.id);
    const removing = this.#store?.remove(take).catch(() => {}); // else it is offered again
    const late = new Promise((resolve) => setTimeout(resolve, MAX_MILLISECONDS_TO_REMOVE));
    await Promise.race([removing, late]);
  }

  /**
   * Once something could not be kept nothing more is, so that no take has a gap in the middle; the
   * page goes on in memory.
   */
  async #keep(work) {
    if (!this.areKept) return;
    try {
      await work(this.#store);
    } catch {
      this.#isFailing = true;
    }
  }
}
