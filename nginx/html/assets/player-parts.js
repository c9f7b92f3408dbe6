// The elements that a player is made of.

const SVG = "http://www.w3.org/2000/svg";

// In a square of 24.
const SHAPES = {
  play: "M8 5v14l11-7z",
  pause: "M6 5h4v14H6zM14 5h4v14h-4z",
  back: "M12 5V1L6 6l6 5V7a5 5 0 1 1-5 5H5a7 7 0 1 0 7-7z",
};

export function element(tag, className, attributes = {}, children = []) {
  const made = document.createElement(tag);
  made.className = className;
  if (tag === "button") made.type = "button";
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}
