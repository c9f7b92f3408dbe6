// Uploads a take: sends it with progress, and again after failures that pass.

import { ApiError, apiURL, content, listSessions } from "./api.js";
import { Failure, text } from "./text.js";
import { wait } from "./wait.js";

const MAX_ATTEMPTS = 7;
const MAX_DELAY_SECS = 30;
// However long a server, or something in its place, wants us to wait.
const MAX_RETRY_AFTER_SECS = 3600;
// A server that died while it saved holds the take's key for a while. That is no failed attempt.
const MAX_SECS_IN_PROGRESS = 300;
// Without any progress for so long the connection is dead, even if nobody has said so. Saving may
// take as long as the web server waits for the program.
const SENDING_STALL_SECS = 60;
const SAVING_STALL_SECS = 310;
// For so long the server knows that it has got a take. After that it would store it once more.
const KEY_MILLISECONDS = 24 * 3600 * 1000;

/** Whether the server may have the take, and would not know it again. */
export const isForgotten = ({ sentAt }) =>
  sentAt !== null && Date.now() - sentAt >= KEY_MILLISECONDS;

/** One upload. Use it once. */
export class Upload {
  #take;
  #sound;
  #keep;
  #onProgress;
  #cancelling = new AbortController();
  #wake = new AbortController();

  /**
   * @param keep - keeps what has changed of the take.
   * @param onProgress - gets { step: "sending", fraction }, { step: "saving" }, or every second
   * { step: "waiting", delaySecs, isOffline, error }.
   */
  constructor(take, sound, keep, onProgress) {
    this.#take = take;
    this.#sound = sound;
    this.#keep = keep;
    this.#onProgress = onProgress;
  }

  /**
   * The id of the session. Rejects with an `ApiError`, or with an AbortError after `cancel`.
   *
   * All attempts carry the take's id as Idempotency-Key, so that a take whose answer got lost does
   * not become a second session.
   */
  async run() {
    const signal = this.#cancelling.signal;
    let secsInProgress = 0;
    for (let attempt = 1; ; attempt += 1) {
      try {
        this.#onProgress({ step: "sending", fraction: 0 });
        // Whether we are signed in and the server is there is asked before megabytes are sent. With
        // HTTP Basic it also tells the browser that the password is good here; it would otherwise
        // send all without, and again.
        await listSessions(1, 1);
        signal.throwIfAborted();
        return await this.#attempt(signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof ApiError) || !error.isTemporary) throw error;
        // The browser may be wrong, with a VPN for instance, so the server is asked all the same.
        const isOffline = error.code === "NO_ANSWER" && !navigator.onLine;
        const delaySecs = isOffline ? MAX_DELAY_SECS : secsBefore(attempt, error.retryAfterSecs);
        if (isOffline) {
          attempt = 0; // however long it takes
        } else if (error.isInProgress) {
          if (secsInProgress >= MAX_SECS_IN_PROGRESS) throw error;
          secsInProgress += Math.max(1, delaySecs);
          attempt -= 1;
        } else if (attempt >= MAX_ATTEMPTS) {
          throw error;
        }
        await this.#countDown(delaySecs, { isOffline, error }, signal);
      }
    }
  }

  async #countDown(seconds, why, signal) {
    const end = performance.now() + seconds * 1000;
    const tell = () => {
      const delaySecs = Math.max(0, end - performance.now()) / 1000;
      this.#onProgress({ step: "waiting", delaySecs, ...why });
    };
    tell();
    const ticking = setInterval(tell, 1000);
    this.#wake = new AbortController();
    try {
      await wait(seconds, signal, this.#wake.signal);
    } finally {
      clearInterval(ticking);
    }
  }

  /** From the first on the server may have the take, unless it says that it has refused it. */
  async #attempt(signal) {
    const { sentAt } = this.#take;
    this.#take.sentAt ??= Date.now();
    await this.#keep();
    try {
      return await this.#send(signal);
    } catch (error) {
      if (error.isRefusal) {
        this.#take.sentAt = sentAt;
        await this.#keep();
      }
      throw error;
    }
  }

  /** Does not wait any longer before the next attempt. */
  hurry() {
    this.#wake.abort();
  }

  cancel() {
    this.#cancelling.abort();
  }

  #send(signal) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest(); // fetch knows no progress of what it sends
      const stall = new Watchdog(() => request.abort());
      const finish = (settle, value) => {
        stall.stop();
        signal.removeEventListener("abort", abort);
        settle(value);
      };
      const abort = () => request.abort();
      signal.addEventListener("abort", abort);

      request.open("POST", apiURL());
      request.setRequestHeader("Idempotency-Key", this.#take.id);
      request.upload.onprogress = ({ loaded, total }) => {
        stall.restart(SENDING_STALL_SECS);
        this.#onProgress({ step: "sending", fraction: loaded / total });
      };
      request.upload.onload = () => {
        stall.restart(SAVING_STALL_SECS);
        this.#onProgress({ step: "saving" });
      };
      request.onload = () => {
        try {
          const retryAfter = request.getResponseHeader("Retry-After");
          const { id } = content(request.status, request.responseText, retryAfter);
          if (typeof id !== "string") throw ApiError.unreadable();
          finish(resolve, id);
        } catch (error) {
          finish(reject, error);
        }
      };
      request.onerror = async () => finish(reject, await this.#reason());
      request.onabort = () => finish(reject, ApiError.noAnswer());
      stall.restart(SENDING_STALL_SECS);
      request.send(this.#form());
    });
  }

  /** Why no answer came: a browser that cannot read what it should send says no more than that. */
  async #reason() {
    try {
      await this.#sound.slice(0, 1).arrayBuffer();
      return ApiError.noAnswer();
    } catch {
      return new Failure(text("file.unreadable"));
    }
  }

  #form() {
    const { type, durationSecs, topic, language } = this.#take;
    const extension = type.match(/^audio\/([a-z0-9]+)/)?.[1] ?? "bin";
    const form = new FormData();
    form.append("audio", this.#sound, `recording.${extension}`);
    form.append("duration", (durationSecs ?? 0).toFixed(2));
    form.append("language", language);
    if (topic) form.append("topic", topic);
    return form;
  }
}

/**
 * What the server asks for, or 1, 2, 4, ... seconds; somewhat more, as many clients may be waiting
 * for the same server.
 */
function secsBefore(attempt, retryAfterSecs) {
  const seconds = retryAfterSecs ?? Math.min(2 ** (attempt - 1), MAX_DELAY_SECS);
  return Math.min(seconds * (1 + Math.random() / 4), MAX_RETRY_AFTER_SECS);
}

/** Calls back unless it is restarted or stopped in time. */
class Watchdog {
  #onStall;
  #timer = null;

  constructor(onStall) {
    this.#onStall = onStall;
  }

  restart(seconds) {
    this.stop();
    this.#timer = setTimeout(this.#onStall, seconds * 1000);
  }

  stop() {
    clearTimeout(this.#timer);
  }
}
