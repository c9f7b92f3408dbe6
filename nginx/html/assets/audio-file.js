// An audio file from disk, as an alternative to recording here.

import { typeOf } from "./file-type.js";
import { formatSize } from "./format.js";
import { event } from "./media-length.js";
import { MAX_BYTES } from "./takes.js";
import { Failure, text } from "./text.js";
import { indexed } from "./webm.js";

// The length is not worth more.
const READING_MILLISECONDS = 30_000;

/**
 * The file as { sound, type, durationSecs }; the length is null where this browser cannot tell it.
 * Rejects with a `Failure`.
 *
 * What is offered is what was read: the file itself may change or go, and one in a cloud may never
 * come.
 */
export async function readAudioFile(file) {
  if (file.size === 0) throw new Failure(text("file.empty"));
  checkSize(file.size);
  const bytes = await bytesOf(file);
  const known = await typeOf(new Blob([bytes]));
  const type = known ?? file.type;
  const sound = new Blob([bytes], { type });
  const { durationSecs, isVideo } = await inspect(sound);
  if (isVideo) throw new Failure(text("file.video"));
  // Raw sound without a head of its own, perhaps: the browser can play it.
  const isTaken = known !== null || (type.startsWith("audio/") && durationSecs !== null);
  if (!isTaken) throw new Failure(text("file.noAudio"));
  return { sound, type, durationSecs };
}

async function bytesOf(file) {
  try {
    return await file.arrayBuffer();
  } catch {
    throw new Failure(text("file.unreadable"));
  }
}

/** Throws a `Failure` when so many bytes are more than the server takes. */
export function checkSize(byteCount) {
  if (byteCount > MAX_BYTES) {
    const sizes = { size: formatSize(byteCount), limit: formatSize(MAX_BYTES) };
    throw new Failure(text("file.tooLarge", sizes));
  }
}

/** Plays nothing. Of a WebM file it reads all, of others only the head. */
async function inspect(sound) {
  const media = document.createElement("video");
  media.preload = "metadata";
  media.src = URL.createObjectURL(await indexed(sound));
  try {
    const reading = event(media, "loadedmetadata");
    const patience = new Promise((resolve) => setTimeout(resolve, READING_MILLISECONDS));
    await Promise.race([reading, patience]);
    const isKnown = Number.isFinite(media.duration);
    return { durationSecs: isKnown ? media.duration : null, isVideo: media.videoWidth > 0 };
  } catch {
    return { durationSecs: null, isVideo: false };
  } finally {
    URL.revokeObjectURL(media.src);
    media.removeAttribute("src");
  }
}
