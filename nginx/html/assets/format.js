// How lengths, sizes, dates and states are written for people.

const dates = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export const formatDate = (time) => dates.format(new Date(time));

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
  return mebibytes < 0.1 ? `${Math.ceil(bytes / 1024)} KiB` : `${mebibytes.toFixed(1)} MiB`;
}

/** A wait, roughly. */
export function formatWait(seconds) {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return `${Math.ceil(seconds / 60)} minutes`;
}

export function formatUnsent(count) {
  const what = count === 1 ? "1 recording has" : `${count} recordings have`;
  return `${what} not been uploaded yet.`;
}

const STATUSES = {
  CREATED: "Receiving",
  UPLOADED: "Uploaded",
  TRANSCRIBING: "Transcribing",
  ANALYZING: "Analyzing",
  DONE: "Done",
  FAILED: "Failed",
};

/** The app may know states that we do not: those are shown as they are called. */
export function formatStatus(status) {
  return STATUSES[status] ?? status.charAt(0) + status.slice(1).toLowerCase().replaceAll("_", " ");
}

export function formatLanguage(tag) {
  try {
    return new Intl.DisplayNames(undefined, { type: "language" }).of(tag);
  } catch {
    return tag; // the server takes tags that the browser does not
  }
}
