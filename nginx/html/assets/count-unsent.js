// What the other pages tell of takes: how many wait.

import { isFree, TakeStore } from "./take-store.js";

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
