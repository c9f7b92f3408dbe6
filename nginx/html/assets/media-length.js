// How long a recording is, where it does not say so itself.

import { indexed } from "./webm.js";

/**
 * Gives the element, whose metadata are there, a sound that has its length and can be sought in.
 *
 * What a browser recorded ends without either. `fetchSound` fetches all of it.
 */
export async function learnLength(media, fetchSound) {
  if (media.duration !== Infinity) return;
  const sound = await fetchSound();
  const better = await indexed(sound);
  if (better === sound) return;
  const { currentTime, paused } = media;
  media.src = URL.createObjectURL(better);
  media.currentTime = currentTime; // somebody may be listening by now
  if (!paused) media.play();
}

/** Resolves at the element's next event of that name; rejects when it cannot play what it has. */
export function event(media, name) {
  return new Promise((resolve, reject) => {
    media.addEventListener(name, resolve, { once: true });
    media.addEventListener("error", () => reject(media.error), { once: true });
  });
}
