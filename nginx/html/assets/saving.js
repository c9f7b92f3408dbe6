// A take as a file on the device, whatever becomes of the upload.

import { text } from "./text.js";

const EXTENSIONS = {
  mpeg: "mp3", mp4: "m4a", "x-m4a": "m4a", "3gpp": "3gp", "x-caf": "caf", "x-ms-wma": "wma",
};
const MAX_TOPIC_LENGTH = 60;
// A browser that asks where to save it reads it after that.
const READING_MILLISECONDS = 600_000;

export function saveToDevice(take, sound) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(sound);
  link.download = fileName(take);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), READING_MILLISECONDS);
}

/** Says what it is and when it was, in a way that every system takes. */
export function fileName({ topic, type, recordedAt }) {
  const time = new Date(recordedAt - new Date(recordedAt).getTimezoneOffset() * 60_000);
  const [day, clock] = time.toISOString().slice(0, 16).split("T");
  const name = (topic || text("site.untitled")).slice(0, MAX_TOPIC_LENGTH);
  const subtype = type.split(";")[0].split("/")[1];
  const safe = `${name} ${day} ${clock}`.replace(/[\u0000-\u001f\\/:*?"<>|.]+/g, "-");
  return `${safe}.${EXTENSIONS[subtype] ?? subtype}`;
}
