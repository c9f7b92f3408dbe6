// How lengths, sizes, dates and states are written for people.

import { hasText, locale, text } from "./text.js";

const STALE_MILLISECONDS = 3600 * 1000;

export function formatDate(time) {
  const dates = new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" });
  return dates.format(new Date(time));
}

/** 65 is 1:05, 3665 is 1:01:05: how much has passed. */
export function formatDuration(seconds) {
  const whole = Math.floor(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const shown = (number, digits) =>
    new Intl.NumberFormat(locale(), { minimumIntegerDigits: digits }).format(number);
  const rest = shown(whole % 60, 2);
  return hours > 0 ? `${shown(hours, 1)}:${shown(minutes, 2)}:${rest}` : `${shown(minutes, 1)}:${rest}`;
}

export function formatSize(bytes) {
  const mebibytes = bytes / 1024 / 1024;
  if (mebibytes < 0.1) return text("unit.kibibytes", { number: Math.ceil(bytes / 1024) });
  const oneDigit = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  const number = new Intl.NumberFormat(locale(), oneDigit).format(mebibytes);
  return text("unit.mebibytes", { number });
}

export function formatPercent(fraction) {
  return new Intl.NumberFormat(locale(), { style: "percent" }).format(fraction);
}

/** A wait, roughly. */
export function formatWait(seconds) {
  if (seconds < 90) return text("unit.seconds", { count: Math.ceil(seconds) });
  return text("unit.minutes", { count: Math.ceil(seconds / 60) });
}

/**
 * How long a whole recording is, everywhere as the server rounds it; null where nobody knows, which
 * it keeps as 0.
 */
export function formatLength(seconds) {
  return seconds ? formatDuration(Math.round(seconds)) : null;
}

/** Where one is in a whole recording: at its end as long as that is. */
export function formatPlace(seconds, length) {
  const isAtEnd = length > 0 && seconds >= length;
  return (isAtEnd && formatLength(length)) || formatDuration(seconds);
}

/** 65 is "1 minute, 5 seconds": to be read out. */
export function formatInWords(seconds) {
  const whole = Math.floor(seconds);
  const parts = [
    ["hour", Math.floor(whole / 3600)], ["minute", Math.floor(whole / 60) % 60],
    ["second", whole % 60],
  ].filter(([unit, count]) => count > 0 || (unit === "second" && whole === 0));
  const words = parts.map(([unit, count]) => {
    const style = { style: "unit", unit, unitDisplay: "long" };
    return new Intl.NumberFormat(locale(), style).format(count);
  });
  return new Intl.ListFormat(locale(), { type: "unit" }).format(words);
}

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

export function formatLanguage(tag) {
  try {
    return new Intl.DisplayNames(locale(), { type: "language" }).of(tag);
  } catch {
    return tag; // the server takes tags that the browser does not
  }
}
