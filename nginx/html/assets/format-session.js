// How a session is called, and how far it is.

import { hasText, text } from "./text.js";

const STALE_MILLISECONDS = 3600 * 1000;

/** What a session is called: its topic, if there is anything to be seen in it. */
export function formatTitle({ topic }) {
  return /[^\s\p{C}]/u.test(topic ?? "") ? topic : text("site.untitled");
}

/** Whether it has stood still for so long that nobody works on it any more, as far as one sees. */
export function isStale({ status, updatedAt }) {
  const isOver = ["DONE", "FAILED"].includes(status);
  return !isOver && Date.now() - Date.parse(updatedAt) > STALE_MILLISECONDS;
}

/** The app may know states that we do not: those are shown as they are called. */
export function formatStatus(session) {
  const { status } = session;
  if (status === "CREATED" && isStale(session)) return text("session.notFinished");
  if (hasText(`status.${status}`)) return text(`status.${status}`);
  return status.charAt(0) + status.slice(1).toLowerCase().replaceAll("_", " ");
}
