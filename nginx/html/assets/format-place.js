// How places in a recording are written for people.

import { formatDuration, formatLength } from "./format.js";
import { locale } from "./text.js";

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
