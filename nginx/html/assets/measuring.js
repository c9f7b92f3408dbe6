// The peaks of a recording that was made elsewhere.

import { levelOf, Peaks } from "./peaks.js";

// An hour comes to 700 MB while it is decoded.
export const MAX_SECS_TO_MEASURE = 15 * 60;
export const MAX_BYTES_TO_MEASURE = 15 * 1024 * 1024;

const SAMPLES_PER_SECOND = 8000;
const SAMPLES_PER_LEVEL = SAMPLES_PER_SECOND / 16;

/** Rejects where the browser cannot decode it. */
export async function measure(sound) {
  const context = new OfflineAudioContext(1, 1, SAMPLES_PER_SECOND);
  const decoded = await context.decodeAudioData(await sound.arrayBuffer());
  const samples = decoded.getChannelData(0);
  const peaks = new Peaks();
  for (let start = 0; start < samples.length; start += SAMPLES_PER_LEVEL) {
    const level = levelOf(samples.subarray(start, start + SAMPLES_PER_LEVEL));
    peaks.add(level, start / SAMPLES_PER_SECOND);
  }
  return String(peaks);
}
