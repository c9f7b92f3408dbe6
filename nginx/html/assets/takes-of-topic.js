// The sessions of one topic, oldest first, so that what has become better can be heard: one after
// the other, or each for itself.

import { audioURL, listSessions, pageURL } from "./api.js";
import { byID, copyOf, showText } from "./dom.js";
import { formatDate, formatDuration, formatLength } from "./format.js";
import { formatTitle } from "./format-session.js";
import { text } from "./text.js";

const MAX_SESSIONS = 100; // the server lists no more at a time
const SEARCHED = /^\P{Cc}{1,100}/u; // and looks for no more and no others

const audio = byID("takes-audio");
let rows = []; // { row, id, length }
let current = null; // the row that is heard, or was paused
let areAllPlayed = false;

/** Lists the sessions that have this one's topic, if there are others. */
export async function showTakes(session) {
  byID("record-again").href = addressOfAnother(session);
  const topic = plain(session.topic);
  if (formatTitle(session) !== session.topic) return; // there is none
  const [q] = SEARCHED.exec(session.topic.trim()) ?? [];
  const { sessions } = await listSessions({ q, limit: MAX_SESSIONS }).catch(() => ({}));
  const takes = sessions?.filter((take) => plain(take.topic) === topic && hasArrived(take)) ?? [];
  byID("takes").hidden = takes.length < 2;
  if (takes.length < 2) return;
  silence();
  rows = takes.reverse().map((take) => rowOf(take, session.id));
  byID("takes-list").replaceChildren(...rows.map(({ row }) => row));
}

/** Ends what is heard. */
export function silence() {
  areAllPlayed = false;
  leaveRow();
  audio.pause();
  audio.removeAttribute("src");
  showPlaying();
}

const hasArrived = ({ status }) => status !== "CREATED";

/** Topics count as one whatever their case. */
const plain = (topic) => topic?.trim().toLowerCase();

function addressOfAnother(session) {
  const about = { language: session.language };
  if (formatTitle(session) === session.topic) about.topic = session.topic;
  return `${location.origin}/session/new?${new URLSearchParams(about)}`;
}

function rowOf({ id, createdAt, durationSecs }, shownID) {
  const row = copyOf("take");
  const link = row.querySelector(".date");
  link.textContent = formatDate(createdAt);
  link.href = pageURL(id);
  link.id = `take-${id}`;
  if (id === shownID) link.setAttribute("aria-current", "page");
  row.querySelector(".this").hidden = id !== shownID;
  const entry = { row, id, length: formatLength(durationSecs) };
  row.querySelector(".length").textContent = entry.length ?? "";
  const button = row.querySelector("button");
  button.setAttribute("aria-describedby", link.id);
  button.onclick = () => press(entry);
  return entry;
}

// Playing

byID("takes-all").onclick = () => {
  const wasPlaying = areAllPlayed;
  silence();
  if (wasPlaying) return;
  areAllPlayed = true;
  play(rows[0]);
};

function press(entry) {
  if (entry === current && !audio.paused) return audio.pause();
  if (entry !== current) areAllPlayed = false;
  play(entry);
}

function play(entry) {
  showText(entry.row.querySelector(".trouble"), null);
  if (entry !== current) {
    leaveRow();
    current = entry;
    audio.src = audioURL(entry.id);
  }
  audio.play().catch(() => {}); // "error" tells of it
  showPlaying();
}

function leaveRow() {
  if (!current) return;
  current.row.querySelector(".length").textContent = current.length ?? "";
  current = null;
}

function playNext() {
  const next = areAllPlayed && rows[rows.indexOf(current) + 1];
  if (next) return play(next);
  silence();
}

function showPlaying() {
  for (const { row, id } of rows) {
    const isHeard = id === current?.id;
    row.toggleAttribute("data-heard", isHeard);
    const isPlaying = isHeard && !audio.paused;
    row.querySelector("button").textContent = text(isPlaying ? "takes.pause" : "takes.play");
  }
  byID("takes-all").textContent = text(areAllPlayed ? "takes.stop" : "takes.playAll");
}

function showPlace() {
  if (!current) return;
  const place = formatDuration(audio.currentTime);
  const all = current.length ? ` / ${current.length}` : "";
  current.row.querySelector(".length").textContent = place + all;
}

audio.onplay = audio.onpause = showPlaying;
audio.ontimeupdate = showPlace;
audio.onended = playNext;
audio.onerror = () => {
  if (!current) return; // what has ended has no source
  showText(current.row.querySelector(".trouble"), text("session.noPlaying"));
  playNext();
};

// Two at once cannot be understood.
document.addEventListener("play", ({ target }) => {
  for (const other of document.querySelectorAll("audio")) {
    if (other !== target) other.pause();
  }
}, true);
