// A look at the level before anything is recorded: the microphone is heard, and nothing kept.

import { switchOff } from "./recorder.js";

export class MicrophoneCheck {
  #microphone;
  #onEnd;
  #stream = null;

  /** @param onEnd - is called when it ends other than by `handOver`. */
  constructor(microphone, onEnd) {
    this.#microphone = microphone;
    this.#onEnd = onEnd;
    // Nobody looks: then it does not stay on.
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.end();
    });
  }

  /** What is heard, by the microphone that is chosen now; rejects like `Microphone.open`. */
  async start() {
    const stream = await this.#microphone.open();
    switchOff(this.handOver());
    for (const track of stream.getTracks()) {
      track.addEventListener("ended", () => this.end()); // it was unplugged
    }
    this.#stream = stream;
    return stream;
  }

  /** What was heard until now, for another use; null when there is no check. */
  handOver() {
    const stream = this.#stream;
    this.#stream = null;
    return stream;
  }

  end() {
    if (!this.#stream) return;
    switchOff(this.handOver());
    this.#onEnd();
  }
}
