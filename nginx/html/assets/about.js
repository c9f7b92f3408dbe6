// The fields that say what a session is about: its topic, and the language that is spoken in it.

import { byID } from "./dom.js";
import { formatLanguage } from "./format.js";
import { recall, remember } from "./remembered.js";
import { locale } from "./text.js";

const SPOKEN = "spoken-language";

/** What is entered, without the control characters that the server refuses: a pasted tab, say. */
export function aboutEntered() {
  const topic = byID("topic").value.replace(/[\u0000-\u001f\u007f]+/g, " ").trim();
  return { topic, language: byID("language").value };
}

export function showAbout({ topic, language }) {
  byID("topic").value = topic;
  byID("language").value = language;
}

/** For the next session, in the language that was chosen last. */
export function clearAbout() {
  byID("topic").value = "";
  choose(recall(SPOKEN));
}

/** @param onChange - is called with what is entered. */
export function prepareAbout(onChange) {
  nameLanguages();
  clearAbout();
  byID("topic").onchange = () => onChange(aboutEntered());
  byID("language").onchange = ({ target }) => {
    remember(SPOKEN, target.value);
    onChange(aboutEntered());
  };
}

function choose(language) {
  const isThere = [...byID("language").options].some(({ value }) => value === language);
  if (isThere) byID("language").value = language;
}

/** The page names them in English. */
function nameLanguages() {
  const { options, value } = byID("language");
  for (const option of options) option.textContent = formatLanguage(option.value);
  const inOrder = (first, second) => first.text.localeCompare(second.text, locale());
  byID("language").replaceChildren(...[...options].sort(inOrder));
  byID("language").value = value; // moving the chosen one has changed it
}
