// Uploads that go on behind whatever the page shows: one after the other, as they were asked for.

import { checkSize } from "./audio-file.js";
import { keepPeaks } from "./kept-peaks.js";
import { Upload } from "./uploader.js";

export class Uploads {
  #takes;
  #onChange;
  #entries = new Map(); // by the take's id: { take, upload, progress }
  #isWorking = false;

  /** @param onChange - is called with a take whenever its upload has got on. */
  constructor(takes, onChange) {
    this.#takes = takes;
    this.#onChange = onChange;
  }

  /**
   * How far the take is: null where nobody has asked for it, { step: "queued" }, what `Upload`
   * tells, { step: "failed", error } or { step: "done", id }.
   */
  of(take) {
    return this.#entries.get(take?.id)?.progress ?? null;
  }

  /** Whether there is a take that is on its way. */
  get areUnderWay() {
    return [...this.#entries.values()].some(isOpen);
  }

  /** The takes that the server has got from this page. */
  get done() {
    const entries = [...this.#entries.values()];
    return entries.filter(({ progress }) => progress.step === "done").map(({ take }) => take);
  }

  add(take) {
    const entry = { take, upload: null, progress: { step: "queued" } };
    this.#entries.delete(take.id); // it goes to the end
    this.#entries.set(take.id, entry);
    this.#onChange(take);
    this.#work();
  }

  /** Tries again at once. */
  hurry(take) {
    this.#entries.get(take.id)?.upload?.hurry();
  }

  cancel(take) {
    const entry = this.#entries.get(take.id);
    entry?.upload?.cancel();
    if (entry && !entry.upload) this.forget(take);
  }

  /** As if nobody had asked for it. */
  forget(take) {
    this.#entries.delete(take.id);
    this.#onChange(take);
  }

  async #work() {
    if (this.#isWorking) return;
    this.#isWorking = true;
    const next = () => [...this.#entries.values()].find(isOpen);
    for (let entry = next(); entry; entry = next()) await this.#run(entry);
    this.#isWorking = false;
  }

  async #run(entry) {
    const { take } = entry;
    const tell = (progress) => {
      entry.progress = progress;
      this.#onChange(take);
    };
    try {
      const sound = await this.#takes.sound(take);
      checkSize(sound.size);
      entry.upload = new Upload(take, sound, () => this.#takes.update(take), tell);
      const id = await entry.upload.run();
      if (take.peaks) keepPeaks(id, take.peaks);
      await this.#takes.remove(take);
      tell({ step: "done", id });
    } catch (error) {
      if (error.name === "AbortError") this.forget(take);
      else tell({ step: "failed", error });
    }
  }
}

const isOpen = ({ progress }) => !["failed", "done"].includes(progress.step);
