// How long a recording is, where it does not say so itself.

/**
 * Resolves once the element knows its length, after its metadata is there. What a browser recorded
 * ends without a length at its head; whoever looks for its end finds out. That reads all of it.
 */
export async function learnLength(media) {
  if (media.duration !== Infinity || media.currentTime > 0) return;
  media.currentTime = Number.MAX_SAFE_INTEGER;
  await event(media, "durationchange");
  // Unless somebody has gone elsewhere meanwhile.
  if (media.currentTime >= media.duration) media.currentTime = 0;
}

/** Resolves at the element's next event of that name; rejects when it cannot play what it has. */
export function event(media, name) {
  return new Promise((resolve, reject) => {
    media.addEventListener(name, resolve, { once: true });
    media.addEventListener("error", () => reject(media.error), { once: true });
  });
}
