// Whether the browser lets this page use the microphone, and what to tell of that.

import { byID, showText } from "./dom.js";
import { recall, remember } from "./remembered.js";
import { text } from "./text.js";

const ALLOWED = "microphone-allowed";

/** Says that the browser will ask, as long as it would. */
export async function tellWhatIsAsked() {
  const status = await query();
  const tell = () => {
    const willAsk = status ? status.state === "prompt" : recall(ALLOWED) === null;
    showText(byID("asking"), willAsk ? text("microphone.asking") : null);
  };
  status?.addEventListener("change", tell);
  tell();
}

/** Null where the browser tells nobody. */
async function query() {
  try {
    return await navigator.permissions.query({ name: "microphone" });
  } catch {
    return null;
  }
}

/** The browser has been asked, and the answer was yes. */
export function noteAllowed() {
  remember(ALLOWED, "yes");
  showText(byID("asking"), null);
}

/** What to tell after a refusal: who has refused, and how that is undone. */
export function refusalWords(error) {
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
