// Uploads a take: sends it with progress, and again after failures that pass.

import { ApiError, apiURL, content, listSessions } from "./api.js";
import { wait } from "./wait.js";

const MAX_ATTEMPTS = 7;
const MAX_DELAY_SECS = 30;
// A server that died while it saved holds the take's key for a while. That is no failed attempt.
const MAX_SECS_IN_PROGRESS = 300;
const DAY_SECS = 86_400;
// Without any progress for so long the connection is dead, even if nobody has said so. Saving may
// take as long as the web server waits for the program.
const SENDING_STALL_SECS = 60;
const SAVING_STALL_SECS = 310;

/** One upload. Use it once. */
export class Upload {
  #take;
  #sound;
  #onProgress;
  #cancelling = new AbortController();
  #wake = new AbortController();

  /**
   * @param onProgress - gets { step: "sending", fraction }, { step: "saving" }, or
   * { step: "waiting", delaySecs, isOffline, error }.
   */
  constructor(take, sound, onProgress) {
    this.#take = take;
    this.#sound = sound;
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
        return await this.#send(signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof ApiError) || !error.isTemporary) throw error;
        const isOffline = !navigator.onLine;
        const delaySecs = isOffline ? DAY_SECS : (error.retryAfterSecs ?? backoffSecs(attempt));
        if (isOffline) {
          attempt = 0; // however long it takes
        } else if (error.isInProgress) {
          if (secsInProgress >= MAX_SECS_IN_PROGRESS) throw error;
          secsInProgress += Math.max(1, delaySecs);
          attempt -= 1;
        } else if (attempt >= MAX_ATTEMPTS) {
          throw error;
        }
        this.#onProgress({ step: "waiting", delaySecs, isOffline, error });
        this.#wake = new AbortController();
        await wait(delaySecs, signal, this.#wake.signal);
      }
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
      request.onerror = () => finish(reject, ApiError.noAnswer());
      request.onabort = () => finish(reject, ApiError.noAnswer());
      stall.restart(SENDING_STALL_SECS);
      request.send(this.#form());
    });
  }

  #form() {
    const { type, durationSecs, topic, language } = this.#take;
    const extension = type.match(/^audio\/([a-z0-9]+)/)?.[1] ?? "bin";
    const form = new FormData();
    form.append("audio", this.#sound, `recording.${extension}`);
    form.append("duration", durationSecs.toFixed(2));
    form.append("language", language);
    if (topic) form.append("topic", topic);
    return form;
  }
}

/** 1, 2, 4, ... seconds, somewhat scattered: many clients may be waiting for the same server. */
function backoffSecs(attempt) {
  return Math.min(2 ** (attempt - 1), MAX_DELAY_SECS) * (0.75 + Math.random() / 2);
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
