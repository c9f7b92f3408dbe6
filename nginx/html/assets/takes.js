// The takes of this page, kept in IndexedDB where the browser lets us, in memory where it does not.

import { claim, isFree, TakeStore } from "./take-store.js";

/** How many takes wait to be sent, those left out that a tab is busy with. */
export async function countUnsentTakes() {
  try {
    const takes = await (await TakeStore.open()).all();
    const free = await Promise.all(takes.map(isFree));
    return free.filter(Boolean).length;
  } catch {
    return 0; // no store, no takes
  }
}

export class Takes {
  #store;
  #isFailing = false; // writing to the store, which is full for instance
  #takes = new Map(); // by id: { take, pieces: the sound as far as it was made on this page }

  static async open() {
    try {
      const store = await TakeStore.open();
      const takes = new Takes(store);
      const kept = await store.all();
      const claimed = await Promise.all(kept.map(claim));
      for (const take of kept.filter((_, index) => claimed[index])) {
        takes.#takes.set(take.id, { take, pieces: null });
      }
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

  /** Newest first. */
  othersThan(take) {
    return [...this.#takes.values()]
      .map((entry) => entry.take)
      .filter((other) => other.id !== take?.id)
      .sort((first, second) => second.recordedAt - first.recordedAt);
  }

  /** A whole take at once. */
  async add(take, sound) {
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
    await this.#store?.remove(take).catch(() => {}); // then it is offered again, and stored once
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
