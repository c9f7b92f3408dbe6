// How lengths, sizes, dates and states are written for people.

import { hasText, locale, text } from "./text.js";

export function formatDate(time) {
  const dates = new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" });
  return dates.format(new Date(time));
}

/** 65 is 1:05, 3665 is 1:01:05. */
export function formatDuration(seconds) {
  const whole = Math.floor(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const padded = (number) => String(number).padStart(2, "0");
  const rest = padded(whole % 60);
  return hours > 0 ? `${hours}:${padded(minutes)}:${rest}` : `${minutes}:${rest}`;
}

export function formatSize(bytes) {
  const mebibytes = bytes / 1024 / 1024;
  if (mebibytes < 0.1) return text("unit.kibibytes", { number: Math.ceil(bytes / 1024) });
  const oneDigit = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  const number = new Intl.NumberFormat(locale(), oneDigit).format(mebibytes);
  return text("unit.mebibytes", { number });
}

/** A wait, roughly. */
export function formatWait(seconds) {
  if (seconds < 90) return text("unit.seconds", { count: Math.ceil(seconds) });
  return text("unit.minutes", { count: Math.ceil(seconds / 60) });
}

/** The app may know states that we do not: those are shown as they are called. */
export function formatStatus(status) {
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
