// What went wrong, in words for people. Any other error is a fault of these pages.

import { text } from "./text.js";

export class Failure extends Error {}

/** What to tell of it: never a fault of our own as somebody else's. */
export function wordsFor(error) {
  if (error instanceof Failure) return error.message;
  console.error(error);
  return text("site.fault", { reason: error.name });
}
