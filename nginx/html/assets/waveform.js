// A recording as it sounds, from its beginning to its end: what was heard, the place, what comes.
// Where nobody knows how it sounds it is a plain bar.

import { spread } from "./peaks.js";

const SVG = "http://www.w3.org/2000/svg";
const PIXELS_PER_BAR = 5;
const LEAST_HEIGHT = 0.06;
// What is quieter than this throughout is not drawn as if it were loud.
const FULL_LEVEL = 0.4;

export class Waveform {
  #element;
  #pictures = [picture("ahead"), picture("heard")];
  #stretch = part("stretch");
  #levels = null;

  /** @param element - an empty one, which has its size from the page. */
  constructor(element) {
    this.#element = element;
    element.replaceChildren(this.#stretch, ...this.#pictures, part("playhead"));
    new ResizeObserver(() => this.#draw()).observe(element);
  }

  /** @param levels - from 0 to 1, or null. */
  show(levels) {
    this.#levels = levels;
    this.#draw();
  }

  /** Marks how much of it was heard. */
  set place(fraction) {
    this.#element.style.setProperty("--place", fraction.toFixed(4));
  }

  /** Marks a stretch of it, from fraction to fraction; an end that is null is not known yet. */
  mark(start, end) {
    this.#stretch.hidden = start === null;
    this.#stretch.classList.toggle("open", end === null);
    this.#stretch.style.setProperty("--start", start ?? 0);
    this.#stretch.style.setProperty("--end", end ?? start ?? 0);
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.#element;
    if (width === 0) return; // not on show
    const lines = this.#levels ? bars(this.#levels, width, height) : `M0 ${height / 2}H${width}`;
    for (const svg of this.#pictures) {
      svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      svg.firstChild.setAttribute("d", lines);
    }
  }
}

function bars(levels, width, height) {
  const count = Math.floor(width / PIXELS_PER_BAR);
  const full = Math.max(FULL_LEVEL, ...levels);
  const step = width / count;
  return spread(levels, count).map((level, index) => {
    const half = (Math.max(LEAST_HEIGHT, level / full) * (height - 4)) / 2;
    const [x, y] = [((index + 0.5) * step).toFixed(1), (height / 2 - half).toFixed(1)];
    return `M${x} ${y}v${(half * 2).toFixed(1)}`;
  }).join("");
}

function picture(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.classList.add(name);
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(SVG, "path"));
  return svg;
}

function part(name) {
  const element = document.createElement("div");
  element.className = name;
  return element;
}
