// What a player needs to know of a recording: a session's, or a take that is not uploaded yet.

import { audioURL, fetchAudio } from "./api.js";
import { formatTitle } from "./format-session.js";
import { keepPeaks, keptPeaks } from "./kept-peaks.js";
import { fileName } from "./saving.js";
import { indexed } from "./webm.js";

/** @param session - one whose recording is there. As a list has it, it is not saved from there. */
export function recordingOf(session) {
  const { id, durationSecs } = session;
  return {
    title: formatTitle(session),
    url: audioURL(id),
    seconds: durationSecs || null,
    peaks: keptPeaks(id),
    keepPeaks: (peaks) => keepPeaks(id, peaks),
    fetchSound: (maxBytes) => fetchAudio(id, maxBytes),
    fileName: session.audioUrl ? fileNameOf(session) : null,
  };
}

function fileNameOf(session) {
  const type = `audio/${session.audioUrl.split(".").at(-1)}`;
  return fileName({ topic: formatTitle(session), type, recordedAt: Date.parse(session.createdAt) });
}

/** It is saved to the device from where it is listed. */
export async function recordingOfTake(take, sound) {
  return {
    title: formatTitle(take),
    url: URL.createObjectURL(await indexed(sound)),
    seconds: take.durationSecs,
    peaks: take.peaks || null,
    keepPeaks: (peaks) => { take.peaks = peaks; },
    fetchSound: async () => sound,
    fileName: null,
  };
}
