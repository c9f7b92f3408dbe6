// How lengths, sizes, dates and languages are written for people.

import { locale, text } from "./text.js";

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

export function formatLanguage(tag) {
  try {
    return new Intl.DisplayNames(locale(), { type: "language" }).of(tag);
  } catch {
    return tag; // the server takes tags that the browser does not
  }
}
