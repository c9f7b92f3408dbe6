// What was said, with marks where an insight speaks of it.

import { byID, showText } from "./dom.js";
import { text } from "./text.js";

// Scripts that keep their words apart: there "an" is not to be found in "many".
const LETTER = /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Arabic}]/u;

/** Returns for each phrase that is in it the id of the element that marks the first such place. */
export function showTranscript(transcript, language, phrases) {
  byID("transcript").hidden = !transcript;
  const ids = new Map();
  if (!transcript) return ids;
  const { wordCount: count } = transcript;
  showText(byID("words"), count === null ? "" : text("session.words", { count }));
  byID("transcript-text").lang = language;
  byID("transcript-text").replaceChildren(...marked(transcript.text, phrases, ids));
  return ids;
}

function* marked(words, phrases, ids) {
  const places = phrases
    .map((phrase) => ({ phrase, ...find(phrase, words) }))
    .filter(({ start }) => start >= 0)
    .sort((first, second) => first.start - second.start || second.end - first.end);
  let end = 0;
  let id = "";
  for (const place of places) {
    if (place.start >= end) {
      yield words.slice(end, place.start);
      id = `place-${place.start}`;
      yield mark(words.slice(place.start, place.end), id);
      end = place.end;
    }
    ids.set(place.phrase, id); // the one it overlaps with, if any
  }
  yield words.slice(end);
}

function mark(words, id) {
  const element = document.createElement("mark");
  Object.assign(element, { id, tabIndex: -1, textContent: words });
  return element;
}

/** Where it is, whatever its case and white space. */
function find(phrase, words) {
  const escaped = phrase.trim().replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&").replace(/\s+/g, "\\s+");
  if (!escaped) return { start: -1 };
  for (const { index, 0: { length } } of words.matchAll(new RegExp(escaped, "giu"))) {
    const [before, first] = [words.slice(0, index).slice(-1), words[index]];
    const [last, after] = [words[index + length - 1], words[index + length] ?? ""];
    const isInWord = (LETTER.test(before) && LETTER.test(first))
      || (LETTER.test(last) && LETTER.test(after));
    if (!isInWord) return { start: index, end: index + length };
  }
  return { start: -1 };
}
