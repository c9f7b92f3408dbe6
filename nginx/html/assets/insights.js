// What the analysis found, in the order in which the server gives it: the weightiest first.

import { byID, copyOf, showText } from "./dom.js";
import { hasText, text } from "./text.js";

/**
 * @param places - by what was said, the ids of the elements where the transcript has it.
 * @param language - the one that was spoken.
 */
export function showInsights(insights, places, language) {
  byID("insights").hidden = insights.length === 0;
  byID("insight-list").replaceChildren(...insights.map((insight) => item(insight, places)));
  for (const words of byID("insight-list").querySelectorAll(".words")) words.lang = language;
}

/** All that the examples quote of what was said. */
export function phrasesOf(insights) {
  const phrases = insights.flatMap(({ examples }) => examplesIn(examples).map(({ said }) => said));
  return [...new Set(phrases)];
}

function item({ category, pattern, detail, frequency, severity, examples, suggestion }, places) {
  const element = copyOf("insight");
  const part = (name) => element.querySelector(`.${name}`);
  part("pattern").textContent = pattern;
  part("severity").dataset.severity = severity ?? "";
  showText(part("severity"), formatSeverity(severity));
  part("category").textContent =
    frequency ? text("session.frequency", { category, count: frequency }) : category;
  part("detail").textContent = detail;
  const quoted = examplesIn(examples);
  part("examples").replaceChildren(...quoted.map((example) => exampleItem(example, places)));
  part("examples").hidden = quoted.length === 0;
  showText(part("suggestion"), suggestion);
  return element;
}

function formatSeverity(severity) {
  return hasText(`severity.${severity}`) ? text(`severity.${severity}`) : severity;
}

function exampleItem({ said, better }, places) {
  const element = copyOf(better ? "correction" : "example");
  element.querySelector(".said .words").textContent = said;
  if (better) element.querySelector(".better .words").textContent = better;
  const place = element.querySelector(".place");
  place.hidden = !places.has(said);
  if (places.has(said)) place.href = `#${places.get(said)}`;
  return element;
}

/** The app keeps any JSON as examples: of what is not said and better, all the strings in it. */
function examplesIn(value) {
  if (typeof value === "string") return [{ said: value }];
  if (value === null || typeof value !== "object") return [];
  const { said, better } = value;
  if (typeof said === "string" && typeof better === "string") return [{ said, better }];
  return Object.values(value).flatMap(examplesIn);
}
