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
