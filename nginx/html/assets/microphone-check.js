// A look at the level before anything is recorded: the microphone is heard, and nothing kept.

import { byID } from "./dom.js";
import { microphoneTrouble } from "./microphone-trouble.js";
import { enter, panel, showError, tell } from "./panel.js";
import { switchOff } from "./recorder.js";

export class MicrophoneCheck {
  #microphone;
  #voice;
  #stream = null;

  constructor(microphone, voice) {
    this.#microphone = microphone;
    this.#voice = voice;
    byID("end-check").onclick = () => this.#end();
    // Nobody looks: then it does not stay on.
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.#end();
    });
  }

  /** Rejects with the browser's error when there is nothing to hear. */
  async begin() {
    if (panel.state !== "idle") return;
    showError(null);
    enter("opening");
    this.#voice.check(await this.#listen());
    enter("checking");
    const timer = setInterval(() => {
      if (panel.state === "checking") tell(this.#voice.words);
      else clearInterval(timer);
    }, 200);
  }

  /** What is heard, by the microphone that is chosen now; rejects like `Microphone.open`. */
  async #listen() {
    const stream = await this.#microphone.open();
    switchOff(this.handOver());
    for (const track of stream.getTracks()) {
      track.addEventListener("ended", () => this.#end()); // it was unplugged
    }
    this.#stream = stream;
    return stream;
  }

  /** What is checked is what would be recorded. */
  async microphoneChosen() {
    if (panel.state !== "checking") return;
    try {
      const stream = await this.#listen();
      if (panel.state === "checking") this.#voice.check(stream);
      else switchOff(this.handOver()); // it was ended, or recording begun, meanwhile
    } catch (error) {
      this.#end();
      showError(microphoneTrouble(error));
    }
  }

  /** What was heard until now, for another use; null when there is no check. */
  handOver() {
    const stream = this.#stream;
    this.#stream = null;
    return stream;
  }

  #end() {
    if (!this.#stream) return;
    switchOff(this.handOver());
    this.#voice.stop();
    enter("idle");
  }
}
