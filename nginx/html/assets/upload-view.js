// Shows how an upload gets on, and its buttons.

import { byID } from "./dom.js";
import { formatSize, formatWait } from "./format.js";
import { text } from "./text.js";
import { Upload } from "./uploader.js";

export class UploadView {
  /** The id of the session that the take became; rejects as `Upload.run` does. */
  async run(take, sound, keep) {
    const upload = new Upload(take, sound, keep, (progress) => this.#show(progress, sound.size));
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
      const sizes = { sent: formatSize(fraction * byteCount), size: formatSize(byteCount) };
      this.#say(text("state.uploading"), text("upload.sent", sizes));
    } else if (step === "saving") {
      bar.removeAttribute("value"); // nobody knows how long it takes
      this.#say(text("state.uploading"), text("upload.saving"));
    } else {
      bar.value = 0;
      const when = isOffline
        ? text("upload.againOnline")
        : text("upload.againIn", { wait: formatWait(delaySecs) });
      this.#say(error.message, when);
    }
  }

  /** The message is read out, so it is set only when it changes; the detail is not. */
  #say(message, detail) {
    if (byID("message").textContent !== message) byID("message").textContent = message;
    byID("progress-text").textContent = detail;
  }
}
