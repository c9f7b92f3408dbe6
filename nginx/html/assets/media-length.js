// How long a recording is, where it does not say so itself.

import { indexed } from "./webm.js";

/**
 * Gives the element, whose metadata are there, a sound that has its length and can be sought in.
 *
 * What a browser recorded ends without either. `fetchSound` fetches all of it. Whoever listens
 * meanwhile goes on listening; promises of `play` from before are rejected all the same.
 */
export async function learnLength(media, fetchSound) {
  if (media.duration !== Infinity) return;
  const { src } = media;
  const sound = await fetchSound();
  const better = await indexed(sound);
  if (better === sound || media.src !== src) return;
  const { currentTime, paused } = media;
  media.src = URL.createObjectURL(better);
  media.currentTime = currentTime;
  if (!paused) media.play().catch(() => {}); // then it stands still where it was
}

/** Resolves at the element's next event of that name; rejects when it cannot play what it has. */
export function event(media, name) {
  return new Promise((resolve, reject) => {
    media.addEventListener(name, resolve, { once: true });
    media.addEventListener("error", () => reject(media.error), { once: true });
  });
}
