// The rows of the list of sessions. One that stays is left where it is: somebody may be on it.

import { pageURL } from "./api.js";
import { byID, copyOf, showStatus, showTitle } from "./dom.js";
import { formatDate, formatLanguage, formatLength } from "./format.js";
import { formatStatus, formatTitle } from "./format-session.js";

const list = byID("sessions");
const rows = new Map(); // by the session's id: { row, shown: the session as its JSON }

/** Shows these sessions, in this order. */
export function showRows(sessions) {
  const focused = [...list.children].findIndex((row) => row.contains(document.activeElement));
  const wanted = new Set(sessions.map(({ id }) => id));
  for (const [id, { row }] of rows) {
    if (wanted.has(id)) continue;
    row.remove();
    rows.delete(id);
  }
  for (const [index, session] of sessions.entries()) {
    const row = rowOf(session);
    if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
  }
  const isLost = focused >= 0 && !list.contains(document.activeElement);
  if (isLost) list.children[Math.min(focused, sessions.length - 1)]?.querySelector("a").focus();
}

function rowOf(session) {
  const entry = rows.get(session.id) ?? { row: copyOf("session"), shown: null };
  rows.set(session.id, entry);
  // Its words may change by themselves, too: what stands still for too long is called otherwise.
  const shown = JSON.stringify([session, formatStatus(session)]);
  if (entry.shown !== shown) fill(entry.row, session);
  entry.shown = shown;
  return entry.row;
}

function fill(row, session) {
  const { id, status, durationSecs, language, createdAt } = session;
  row.querySelector("a").href = pageURL(id);
  showTitle(row.querySelector(".topic"), session, formatTitle(session));
  const about = [formatDate(createdAt), formatLength(durationSecs), formatLanguage(language)];
  row.querySelector(".about").replaceChildren(...about.filter(Boolean).map(fact));
  showStatus(row.querySelector(".status"), status, formatStatus(session));
}

function fact(words) {
  const element = document.createElement("span");
  element.textContent = words;
  return element;
}
