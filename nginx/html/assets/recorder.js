// Records from the microphone, in the best format that the browser can write.

const CHUNK_MILLISECONDS = 1000;
// Speech needs no more, and at this rate 50 MiB hold more than an hour and a half.
const BITS_PER_SECOND = 64_000;

// Ogg is what only Firefox writes: unlike its WebM, it has a length and can be sought in.
const OPUS = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/webm"];
const MP4 = ["audio/mp4;codecs=mp4a.40.2", "audio/mp4"];

/** The first type that the browser records, or undefined. Safari's WebM is younger than its MP4. */
function preferredType() {
  const isSafari = navigator.vendor.startsWith("Apple");
  const types = isSafari ? [...MP4, ...OPUS] : [...OPUS, ...MP4];
  return types.find((type) => MediaRecorder.isTypeSupported(type));
}

/** Why this page cannot record at all: "insecure", "unsupported", or null when it can. */
export function recordingObstacle() {
  if (!window.isSecureContext) return "insecure";
  if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) return "unsupported";
  return preferredType() ? null : "unsupported";
}

/** What `work` returns. When it throws, the microphone does not stay on. */
function orSwitchOff(stream, work) {
  try {
    return work();
  } catch (error) {
    switchOff(stream);
    throw error;
  }
}

/** Lets go of the microphone, if there is one. */
export function switchOff(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

export class Recorder {
  #recorder;
  #stopwatch = new Stopwatch();
  #wakeLock = null;
  #isStopped = false;
  #ended = new AbortController();

  /** For that microphone, which does not stay on where the browser refuses. */
  static of(stream) {
    return orSwitchOff(stream, () => new Recorder(stream));
  }

  constructor(stream) {
    this.stream = stream;
    const options = { mimeType: preferredType(), audioBitsPerSecond: BITS_PER_SECOND };
    this.#recorder = new MediaRecorder(stream, options);
  }

  /** What is being written, such as audio/webm;codecs=opus. */
  get type() {
    return this.#recorder.mimeType;
  }

  get seconds() {
    return this.#stopwatch.seconds;
  }

  /**
   * Throws the browser's error when it refuses.
   *
   * @param onChunk - gets the recording piece by piece as it is made; together they are the file.
   * @param onEnd - is called once, after the last piece: with true after `stop`, with false when
   * the microphone is gone.
   */
  start({ onChunk, onEnd }) {
    this.#recorder.ondataavailable = ({ data }) => {
      if (data.size > 0) onChunk(data);
    };
    this.#recorder.onstop = () => {
      this.#release();
      onEnd(this.#isStopped);
    };
    orSwitchOff(this.stream, () => this.#recorder.start(CHUNK_MILLISECONDS));
    this.#stopwatch.start();
    this.#keepAwake();
    const options = { signal: this.#ended.signal };
    document.addEventListener("visibilitychange", () => this.#keepAwake(), options);
  }

  pause() {
    this.#recorder.pause();
    this.#stopwatch.stop();
  }

  resume() {
    this.#recorder.resume();
    this.#stopwatch.start();
  }

  stop() {
    this.#isStopped = true;
    this.#stopwatch.stop();
    if (this.#recorder.state !== "inactive") this.#recorder.stop();
  }

  /** A phone that falls asleep stops recording. A page that is hidden loses its lock. */
  async #keepAwake() {
    if (document.hidden) return;
    try {
      this.#wakeLock = await navigator.wakeLock?.request("screen");
    } catch {
      this.#wakeLock = null; // low on battery, or not allowed: it records all the same
    }
    if (this.#ended.signal.aborted) this.#wakeLock?.release();
  }

  #release() {
    this.#stopwatch.stop();
    this.#ended.abort();
    this.#wakeLock?.release();
    switchOff(this.stream);
  }
}

/** How long a recording is by now, pauses left out. */
class Stopwatch {
  #secondsBefore = 0;
  #runningSince = null;

  start() {
    this.#runningSince ??= performance.now();
  }

  stop() {
    this.#secondsBefore = this.seconds;
    this.#runningSince = null;
  }

  get seconds() {
    if (this.#runningSince === null) return this.#secondsBefore;
    return this.#secondsBefore + (performance.now() - this.#runningSince) / 1000;
  }
}
