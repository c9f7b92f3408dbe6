// What the tab of the recorder is called: it is seen while another one is in front.

import { formatDuration, formatPercent } from "./format.js";
import { text } from "./text.js";

/** @param progress - what `Uploads` tells of the take on show. */
export function tabTitle(state, seconds, progress) {
  switch (state) {
    case "recording":
      return text("tab.recording", { time: formatDuration(seconds) });
    case "paused":
      return text("tab.paused", { time: formatDuration(seconds) });
    case "uploading":
      return uploadTitle(progress);
    case "uploaded":
      return text("tab.uploaded");
    default:
      return text("new.title");
  }
}

function uploadTitle(progress) {
  if (progress?.step === "waiting") return text("tab.waiting");
  const fraction = progress?.step === "saving" ? 1 : progress?.fraction ?? 0;
  return text("tab.uploading", { percent: formatPercent(fraction) });
}
