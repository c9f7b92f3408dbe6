// The fields that say what a session is about: its topic, and the language that is spoken in it.

import { byID } from "./dom.js";
import { formatLanguage } from "./format.js";
import { recall, remember } from "./remembered.js";
import { locale } from "./text.js";

const SPOKEN = "spoken-language";
// A link may ask for a session on a topic: /session/new?topic=The+sea&language=en.
const asked = new URLSearchParams(location.search);

export const isTopicAsked = () => clean(asked.get("topic") ?? "") !== "";

/** What is entered, without the control characters that the server refuses: a pasted tab, say. */
export function aboutEntered() {
  return { topic: clean(byID("topic").value), language: byID("language").value };
}

const clean = (topic) => topic.replace(/[\u0000-\u001f\u007f]+/g, " ").trim();

export function showAbout({ topic, language }) {
  byID("topic").value = topic;
  byID("language").value = language;
  showLanguageOfTopic();
}

/** For the next session, in the language that was chosen last. */
export function clearAbout() {
  byID("topic").value = "";
  choose(recall(SPOKEN));
  showLanguageOfTopic();
}

/** @param onChange - is called with what is entered. */
export function prepareAbout(onChange) {
  nameLanguages();
  clearAbout();
  fillInWhatIsAsked();
  byID("topic").oninput = showLanguageOfTopic;
  byID("topic").onchange = () => {
    showLanguageOfTopic();
    onChange(aboutEntered());
  };
  byID("language").onchange = ({ target }) => {
    remember(SPOKEN, target.value);
    showLanguageOfTopic();
    onChange(aboutEntered());
  };
}

function fillInWhatIsAsked() {
  const topic = clean(asked.get("topic") ?? "").slice(0, byID("topic").maxLength);
  byID("topic").value = topic.replace(/[\ud800-\udbff]$/, ""); // half of a character
  const language = asked.get("language")?.toLowerCase();
  choose(language?.split(/[-_]/)[0]);
  showLanguageOfTopic();
}

/** Where nothing is entered, the hint is in the page's language. */
function showLanguageOfTopic() {
  const { topic, language } = aboutEntered();
  if (topic) byID("topic").lang = language;
  else byID("topic").removeAttribute("lang");
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
