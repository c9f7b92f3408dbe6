// What to tell when the microphone could not be used.

import { text } from "./text.js";

/** When it could not be opened, or not be recorded from; the error is the browser's. */
export function microphoneTrouble(error) {
  switch (error.name) {
    case "NotAllowedError":
    case "SecurityError":
      return refusalWords(error);
    case "NotFoundError":
      return text("microphone.missing");
    case "NotReadableError":
    case "AbortError":
      return text("microphone.busy");
    default:
      return text("microphone.failed", { reason: error.name });
  }
}

/** Who has refused, and how that is undone. */
function refusalWords(error) {
  if (/by system/.test(error.message)) return text("microphone.system");
  if (/dismissed/.test(error.message)) return text("microphone.dismissed");
  const remedy = text(`blocked.${browserKind()}`);
  return [text("microphone.blocked"), remedy].join(" ");
}

/** Each has the permission in another place. */
function browserKind() {
  const { userAgent, vendor, maxTouchPoints } = navigator;
  // An iPad calls itself a Macintosh, none of which can be touched.
  if (/iPhone|iPad|Macintosh/.test(userAgent) && maxTouchPoints > 1) {
    return /CriOS|FxiOS|EdgiOS/.test(userAgent) ? "iosApp" : "ios";
  }
  const isPhone = /Android/.test(userAgent);
  if (/Firefox/.test(userAgent)) return isPhone ? "firefoxPhone" : "firefox";
  if (/Chrome/.test(userAgent)) return isPhone ? "chromiumPhone" : "chromium";
  return vendor.startsWith("Apple") ? "safari" : "other";
}
