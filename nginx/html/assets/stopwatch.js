// How long a recording is by now, pauses left out.

export class Stopwatch {
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
