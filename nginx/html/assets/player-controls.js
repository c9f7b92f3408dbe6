// What a player looks like and is used by: by pointer, by keyboard, and by what reads it out.

import { formatLength } from "./format.js";
import { formatInWords, formatPlace } from "./format-place.js";
import { MAX_BYTES_TO_MEASURE, MAX_SECS_TO_MEASURE, measure } from "./measuring.js";
import { tellPosition, tellSystem } from "./now-playing.js";
import { levelsIn } from "./peaks.js";
import { element, icon } from "./player-parts.js";
import { text } from "./text.js";
import { Waveform } from "./waveform.js";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5];
const STEP_SECS = 1;
const PAGE_SECS = 10;
const BACK_SECS = 5;

/** Puts them in the place of the browser's own. */
export function addControls(player) {
  const controls = new PlayerControls(player);
  player.audio.after(controls.root);
  player.audio.controls = false;
  return controls;
}

class PlayerControls {
  #player;
  #waveform;
  #isDrawing = false;
  #shownPlace = null;
  #shownLoop = null;
  #looked = null; // the recording whose sound was looked at

  constructor(player) {
    this.#player = player;
    this.#build();
    this.#waveform = new Waveform(this.timeline);
    this.#listen();
  }

  #build() {
    this.toggle = element("button", "toggle");
    this.timeline = element("div", "timeline", { role: "slider", tabindex: 0, "aria-valuemin": 0 });
    this.timeline.setAttribute("aria-label", text("player.place"));
    this.place = element("span", "place");
    this.length = element("span", "length");
    this.back = element("button", "back", {}, [icon("back"), text("player.backBy")]);
    this.back.setAttribute("aria-label", text("player.back"));
    this.speed = element("select", "speed", { "aria-label": text("player.speed") });
    const speeds = SPEEDS.map((factor) => new Option(text("player.times", { factor }), factor));
    this.speed.append(...speeds);
    this.speed.value = 1;
    this.loopFrom = element("button", "from", {}, [text("player.loopFrom")]);
    this.loopTo = element("button", "to", {}, [text("player.loopTo")]);
    this.loopClear = element("button", "clear", {}, [text("player.loopClear")]);
    this.save = element("a", "download", {}, [text("player.save")]);
    this.save.classList.add("button");
    this.loop = element("p", "loop", { role: "status" });

    // Time runs the same way whichever way is written, as tapes do.
    const times = element("div", "times", { "aria-hidden": true }, [this.place, this.length]);
    const track = element("div", "track", {}, [this.timeline, times]);
    const head = element("div", "head", { dir: "ltr" }, [this.toggle, track]);
    const loops = element("div", "loops", {}, [this.loopFrom, this.loopTo, this.loopClear]);
    const tools = element("div", "tools", {}, [this.back, this.speed, this.save, loops]);
    const name = this.#player.audio.getAttribute("aria-label");
    const about = { role: "group", "aria-label": name, hidden: "" };
    this.root = element("div", "player", about, [head, tools, this.loop]);
  }

  #listen() {
    const player = this.#player;
    this.toggle.onclick = () => (player.isPlaying ? player.pause() : player.play());
    this.back.onclick = () => player.seek(player.position - BACK_SECS);
    this.speed.onchange = () => player.setSpeed(Number(this.speed.value));
    this.loopFrom.onclick = () => player.startLoop();
    this.loopTo.onclick = () => player.endLoop();
    this.loopClear.onclick = () => {
      player.clearLoop();
      this.loopFrom.focus(); // the one that was pressed is gone
    };
    this.timeline.onkeydown = (event) => this.#key(event);
    this.timeline.onpointerdown = (event) => {
      if (event.button !== 0) return;
      this.timeline.setPointerCapture(event.pointerId);
      this.#seekTo(event);
    };
    this.timeline.onpointermove = (event) => {
      if (this.timeline.hasPointerCapture(event.pointerId)) this.#seekTo(event);
    };
    const on = (name, work) => player.audio.addEventListener(name, work);
    for (const name of ["play", "pause", "ended", "timeupdate", "durationchange", "seeked"]) {
      on(name, () => this.update());
    }
    for (const name of ["ratechange", "seeked"]) on(name, () => tellPosition(player));
    on("play", () => this.#started());
  }

  #started() {
    tellSystem(this.#player);
    this.#measureOnce();
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    const draw = () => {
      this.#player.keepToLoop();
      this.update();
      this.#isDrawing = this.#player.isPlaying;
      if (this.#isDrawing) requestAnimationFrame(draw);
    };
    requestAnimationFrame(draw);
  }

  /** What was recorded elsewhere is looked at when somebody listens to it, if it is not too long. */
  async #measureOnce() {
    const { recording, length } = this.#player;
    if (recording.peaks || this.#looked === recording) return;
    if (length === 0 || length > MAX_SECS_TO_MEASURE) return;
    this.#looked = recording;
    try {
      const sound = await this.#player.fetchSound(MAX_BYTES_TO_MEASURE);
      if (!sound) return;
      recording.peaks = await measure(sound);
    } catch {
      return; // a plain bar does, too
    }
    recording.keepPeaks(recording.peaks);
    if (this.#player.recording === recording) this.#waveform.show(levelsIn(recording.peaks));
  }

  show() {
    const { peaks, fileName, url } = this.#player.recording;
    this.root.hidden = false;
    this.#waveform.show(peaks ? levelsIn(peaks) : null);
    this.save.hidden = !fileName;
    if (fileName) Object.assign(this.save, { href: url, download: fileName });
    this.update();
  }

  hide() {
    this.root.hidden = true;
  }

  focus() {
    this.toggle.focus();
  }

  update() {
    const { length, lengthToShow, position, isPlaying, loop } = this.#player;
    this.#waveform.place = length > 0 ? Math.min(1, position / length) : 0;
    if (this.toggle.dataset.playing !== String(isPlaying)) {
      this.toggle.dataset.playing = isPlaying;
      this.toggle.replaceChildren(icon(isPlaying ? "pause" : "play"));
      this.toggle.setAttribute("aria-label", text(isPlaying ? "player.pause" : "player.play"));
    }
    this.#showPlace();
    this.#showLoop(loop, length, lengthToShow);
  }

  /** It is read out when it changes, so not at every frame. */
  #showPlace() {
    const { isAtEnd, lengthToShow, position } = this.#player;
    const place = isAtEnd ? lengthToShow : Math.min(position, lengthToShow);
    const whole = Math.round(lengthToShow);
    const second = isAtEnd ? whole : Math.floor(place);
    if (this.#shownPlace === `${second}/${whole}`) return;
    this.#shownPlace = `${second}/${whole}`;
    this.place.textContent = formatPlace(place, lengthToShow);
    this.length.textContent = formatLength(lengthToShow) ?? "";
    const words = { position: formatInWords(second), length: formatInWords(whole) };
    this.timeline.setAttribute("aria-valuemax", whole);
    this.timeline.setAttribute("aria-valuenow", second);
    this.timeline.setAttribute("aria-valuetext", text("player.position", words));
  }

  #showLoop(loop, length, lengthToShow) {
    if (this.#shownLoop?.loop === loop && this.#shownLoop.length === length) return;
    this.#shownLoop = { loop, length };
    const { start, end } = loop;
    const words = loopWords(start, end, length, lengthToShow);
    if (this.loop.textContent !== words) this.loop.textContent = words;
    this.loopClear.hidden = start === null;
    const fraction = (seconds) => (seconds === null || length === 0 ? null : seconds / length);
    this.#waveform.mark(fraction(start), fraction(end));
  }

  #key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { position, length } = this.#player;
    const place = {
      ArrowLeft: position - STEP_SECS, ArrowDown: position - STEP_SECS,
      ArrowRight: position + STEP_SECS, ArrowUp: position + STEP_SECS,
      PageDown: position - PAGE_SECS, PageUp: position + PAGE_SECS,
      Home: 0, End: length,
    }[event.key];
    if (place === undefined) return;
    event.preventDefault();
    this.#player.seek(place);
  }

  #seekTo({ clientX }) {
    const { left: start, width } = this.timeline.getBoundingClientRect();
    this.#player.seek(((clientX - start) / width) * this.#player.length);
  }
}

function loopWords(start, end, length, lengthToShow) {
  if (start === null) return "";
  const from = formatPlace(start, lengthToShow);
  if (end === null) return text("player.loopBegun", { from });
  const to = formatPlace(end >= length ? lengthToShow : end, lengthToShow);
  return text("player.loops", { from, to });
}
