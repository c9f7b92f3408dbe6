// Shows how the upload of the take on show gets on.

import { byID } from "./dom.js";
import { formatPercent, formatSize, formatWait } from "./format.js";
import { text } from "./text.js";

export function showUpload(progress, byteCount) {
  const { step, fraction } = progress;
  const bar = byID("progress");
  byID("hurry").hidden = step !== "waiting";
  if (step === "sending") {
    bar.value = fraction;
    const sent = formatSize(fraction * byteCount);
    const about = { sent, size: formatSize(byteCount), percent: formatPercent(fraction) };
    say(text("state.uploading"), text("upload.sent", about));
  } else if (step === "saving") {
    bar.removeAttribute("value"); // nobody knows how long it takes
    say(text("state.uploading"), text("upload.saving"));
  } else if (step === "queued") {
    bar.value = 0;
    say(text("state.uploading"), text("upload.queued"));
  } else {
    bar.value = 0;
    say(progress.error.message, againWords(progress));
  }
}

/** When it is tried again. */
export function againWords({ isOffline, delaySecs }) {
  if (isOffline) return text("upload.againOnline");
  return text("upload.againIn", { wait: formatWait(delaySecs) });
}

/** The message is read out, so it is set only when it changes; the detail is not. */
function say(message, detail) {
  if (byID("message").textContent !== message) byID("message").textContent = message;
  byID("progress-text").textContent = detail;
}
