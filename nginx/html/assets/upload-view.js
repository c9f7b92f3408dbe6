// Shows how an upload gets on, and its buttons.

import { byID } from "./dom.js";
import { formatSize, formatWait } from "./format.js";
import { Upload } from "./uploader.js";

export class UploadView {
  /** The id of the session that the take became; rejects as `Upload.run` does. */
  async run(take, sound) {
    const upload = new Upload(take, sound, (progress) => this.#show(progress, sound.size));
    byID("cancel").onclick = () => upload.cancel();
    byID("hurry").onclick = () => upload.hurry();
    byID("cancel").focus();
    try {
      return await upload.run();
    } finally {
      byID("hurry").hidden = true;
    }
  }

  #show({ step, fraction, delaySecs, isOffline, error }, byteCount) {
    const bar = byID("progress");
    byID("hurry").hidden = step !== "waiting";
    if (step === "sending") {
      bar.value = fraction;
      const sent = formatSize(fraction * byteCount);
      this.#say("Uploading... please wait", `${sent} of ${formatSize(byteCount)} sent`);
    } else if (step === "saving") {
      bar.removeAttribute("value"); // nobody knows how long it takes
      this.#say("Uploading... please wait", "All sent. The server is saving it.");
    } else {
      bar.value = 0;
      const when = isOffline ? "once you are online" : `in ${formatWait(delaySecs)}`;
      const what = error.isInProgress ? "The first try is still being saved." : error.message;
      this.#say(what, `Trying again ${when}.`);
    }
  }

  /** The message is read out, so it is set only when it changes; the detail is not. */
  #say(message, detail) {
    if (byID("message").textContent !== message) byID("message").textContent = message;
    byID("progress-text").textContent = detail;
  }
}
