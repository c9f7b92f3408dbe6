// What the analysis found, in the order in which the server gives it: the weightiest first.

import { byID, copyOf, showText } from "./dom.js";
import { hasText, text } from "./text.js";

export function showInsights(insights) {
  byID("insights").hidden = insights.length === 0;
  byID("insight-list").replaceChildren(...insights.map(item));
}

function item({ category, pattern, detail, frequency, severity, examples, suggestion }) {
  const element = copyOf("insight");
  const part = (name) => element.querySelector(`.${name}`);
  part("pattern").textContent = pattern;
  part("severity").dataset.severity = severity ?? "";
  showText(part("severity"), formatSeverity(severity));
  part("category").textContent =
    frequency ? text("session.frequency", { category, count: frequency }) : category;
  part("detail").textContent = detail;
  part("examples").replaceChildren(...texts(examples).map(example));
  part("examples").hidden = texts(examples).length === 0;
  showText(part("suggestion"), suggestion);
  return element;
}

function formatSeverity(severity) {
  return hasText(`severity.${severity}`) ? text(`severity.${severity}`) : severity;
}

function example(words) {
  const element = document.createElement("li");
  element.textContent = words;
  return element;
}

/** The app keeps any JSON as examples: all the strings in it, in their order. */
function texts(value) {
  if (typeof value === "string") return [value];
  if (value === null || typeof value !== "object") return [];
  return Object.values(value).flatMap(texts);
}
