// An audio file from disk, as an alternative to recording here.

import { formatSize } from "./format.js";
import { MAX_BYTES } from "./limits.js";
import { event } from "./media-length.js";
import { text } from "./text.js";
import { indexed } from "./webm.js";

// The head of a file on a drive elsewhere may be slow to come. Its length is not worth more.
const READING_MILLISECONDS = 30_000;

/** What browsers call files that may hold sound alone. */
const CONTAINERS = {
  "video/webm": "audio/webm",
  "video/mp4": "audio/mp4",
  "video/ogg": "audio/ogg",
  "application/ogg": "audio/ogg",
};

/**
 * The file as { sound, type, durationSecs }. Rejects with an Error whose message is for people.
 */
export async function readAudioFile(file) {
  if (file.size === 0) throw new Error(text("file.empty"));
  checkSize(file.size);
  const type = CONTAINERS[file.type] ?? file.type;
  if (!type.startsWith("audio/")) throw new Error(text("file.noAudio"));
  const { durationSecs, isVideo } = await inspect(file);
  if (isVideo) throw new Error(text("file.video"));
  return { sound: new Blob([file], { type }), type, durationSecs };
}

/** Throws an Error for people when so many bytes are more than the server takes. */
export function checkSize(byteCount) {
  if (byteCount > MAX_BYTES) {
    const sizes = { size: formatSize(byteCount), limit: formatSize(MAX_BYTES) };
    throw new Error(text("file.tooLarge", sizes));
  }
}

/**
 * Plays nothing. Of a WebM file it reads all, of others only the head. A type that this browser
 * cannot play has length 0.
 */
async function inspect(file) {
  const media = document.createElement("video");
  media.preload = "metadata";
  media.src = URL.createObjectURL(await indexed(file));
  try {
    const reading = event(media, "loadedmetadata");
    const patience = new Promise((resolve) => setTimeout(resolve, READING_MILLISECONDS));
    await Promise.race([reading, patience]);
    const isKnown = Number.isFinite(media.duration);
    return { durationSecs: isKnown ? media.duration : 0, isVideo: media.videoWidth > 0 };
  } catch {
    return { durationSecs: 0, isVideo: false };
  } finally {
    URL.revokeObjectURL(media.src);
    media.removeAttribute("src");
  }
}
