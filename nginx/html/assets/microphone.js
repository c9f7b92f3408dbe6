// Which microphone is listened to, and how: chosen on the page, and remembered.

import { byID, showText } from "./dom.js";
import { recall, remember } from "./remembered.js";
import { text } from "./text.js";

const CHOICE = "microphone";
const PROCESSING = "processing";
// Chromium lists what the system prefers a second time, under these.
const ALIASES = ["default", "communications"];

/** The choice among the microphones, with its fields on the page. Make one. */
export class Microphone {
  #chosen = chosenBefore(); // { id, label }, or null for the one that the system prefers
  #known = null; // all of them as { id, label }, once the browser tells
  #isMissing = false; // the chosen one

  #onOpen;

  /**
   * @param onChange - is called when something else was chosen.
   * @param onOpen - is called when one was opened.
   */
  constructor({ onChange, onOpen }) {
    this.#onOpen = onOpen;
    byID("microphone").onchange = ({ target }) => {
      this.#choose(target.value);
      onChange();
    };
    byID("processing").checked = recall(PROCESSING) !== "off";
    byID("processing").onchange = ({ target }) => {
      remember(PROCESSING, target.checked ? "on" : "off");
      onChange();
    };
    this.#fill();
    navigator.mediaDevices?.addEventListener("devicechange", () => this.#look());
    this.#look();
  }

  /**
   * The sound of the chosen one, or of another where that is gone. Asks whether it may; rejects
   * with the browser's error (see `microphoneTrouble`).
   */
  async open() {
    const stream = await this.#openChosen();
    this.#onOpen();
    if (!this.#isMissing) this.#tell(null);
    this.#look(); // only now some browsers tell
    return stream;
  }

  async #openChosen() {
    const isOn = byID("processing").checked;
    const audio = { echoCancellation: isOn, noiseSuppression: isOn, autoGainControl: isOn };
    if (!this.#chosen) return navigator.mediaDevices.getUserMedia({ audio });
    try {
      // Chromium does not care enough about an id that is only preferred.
      const deviceId = { exact: this.#chosen.id };
      return await navigator.mediaDevices.getUserMedia({ audio: { ...audio, deviceId } });
    } catch (error) {
      if (!["OverconstrainedError", "NotFoundError"].includes(error.name)) throw error;
      return navigator.mediaDevices.getUserMedia({ audio });
    }
  }

  #choose(id) {
    this.#chosen = this.#known?.find((microphone) => microphone.id === id) ?? null;
    remember(CHOICE, JSON.stringify(this.#chosen));
    this.#isMissing = false;
    this.#tell(null);
    this.#fill();
  }

  async #look() {
    try {
      const devices = await navigator.mediaDevices.enumerateDevices();
      this.#known = microphonesOf(devices);
    } catch {
      this.#known = null; // no devices without HTTPS, or not for this page
    }
    this.#recognize();
    this.#fill();
  }

  /** Finds the chosen one among them. Its id is not for ever: a browser may give it a new one. */
  #recognize() {
    if (!this.#chosen || !this.#known) return;
    const found = this.#known.find(({ id }) => id === this.#chosen.id)
      ?? this.#known.find(({ label }) => label === this.#chosen.label);
    const name = this.#chosen.label;
    if (!found && !this.#isMissing) this.#tell(text("microphone.gone", { name }));
    if (found && this.#isMissing) this.#tell(text("microphone.back", { name }));
    this.#isMissing = !found;
    this.#chosen = found ?? this.#chosen;
  }

  #tell(words) {
    showText(byID("microphone-news"), words);
  }

  #fill() {
    const listed = [{ id: "", label: text("microphone.default") }, ...this.#known ?? []];
    const isListed = listed.some(({ id }) => id === (this.#chosen?.id ?? ""));
    if (!isListed) listed.push(this.#chosen);
    const options = listed.map(({ id, label }) => new Option(label, id));
    byID("microphone").replaceChildren(...options);
    byID("microphone").value = this.#chosen?.id ?? "";
  }
}

function chosenBefore() {
  try {
    const { id, label } = JSON.parse(recall(CHOICE));
    return typeof id === "string" && typeof label === "string" ? { id, label } : null;
  } catch {
    return null;
  }
}

/** Null while the browser keeps their names to itself, until the page may use them. */
function microphonesOf(devices) {
  const inputs = devices.filter(({ kind }) => kind === "audioinput");
  if (inputs.length > 0 && !inputs.some(({ label }) => label)) return null;
  return inputs
    .filter(({ deviceId }) => !ALIASES.includes(deviceId))
    .map(({ deviceId, label }) => ({ id: deviceId, label }));
}
