// The sessions of one topic, oldest first, so that what has become better can be heard: one after
// the other, or each for itself.

import { listSessions, pageURL } from "./api.js";
import { byID, copyOf, showText } from "./dom.js";
import { formatDate, formatLength } from "./format.js";
import { formatTitle } from "./format-session.js";
import { Player } from "./player.js";
import { recordingOf } from "./recordings.js";
import { text } from "./text.js";

const MAX_SESSIONS = 100; // the server lists no more at a time
const SEARCHED = /^\P{Cc}{1,100}/u; // and looks for no more and no others

const holder = byID("takes-player"); // is in the row that is heard
const player = new Player(byID("takes-audio"), showTrouble);
let rows = []; // { row, take }
let current = null; // the one that has the player
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
  current = null;
  player.clear();
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

function rowOf(take, shownID) {
  const row = copyOf("take");
  const link = row.querySelector(".date");
  link.textContent = formatDate(take.createdAt);
  link.href = pageURL(take.id);
  link.id = `take-${take.id}`;
  if (take.id === shownID) link.setAttribute("aria-current", "page");
  row.querySelector(".this").hidden = take.id !== shownID;
  row.querySelector(".length").textContent = formatLength(take.durationSecs) ?? "";
  const button = row.querySelector("button");
  button.setAttribute("aria-describedby", link.id);
  const entry = { row, take };
  button.onclick = () => {
    areAllPlayed = false;
    play(entry);
  };
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

async function play(entry) {
  const { row, take } = entry;
  const { activeElement } = document;
  const isOnIt = row.contains(activeElement) || holder.contains(activeElement);
  current = entry;
  showText(row.querySelector(".trouble"), null);
  row.append(holder);
  const shown = player.show(recordingOf(take));
  player.play();
  showPlaying();
  await shown;
  if (isOnIt && current === entry) player.focus();
}

function playNext() {
  const next = areAllPlayed && rows[rows.indexOf(current) + 1];
  if (next) return play(next);
  areAllPlayed = false;
  showPlaying();
}

function showPlaying() {
  for (const entry of rows) {
    const isHeard = entry === current;
    entry.row.toggleAttribute("data-heard", isHeard);
    entry.row.querySelector("button").hidden = isHeard;
  }
  byID("takes-all").textContent = text(areAllPlayed ? "takes.stop" : "takes.playAll");
}

function showTrouble(isTrouble) {
  if (!current) return; // it was left meanwhile
  showText(current.row.querySelector(".trouble"), isTrouble ? text("session.noPlaying") : null);
  if (isTrouble) playNext();
}

player.audio.addEventListener("ended", () => {
  if (player.loop.end === null) playNext();
});
