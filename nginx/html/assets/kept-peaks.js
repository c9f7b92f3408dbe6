// The peaks of sessions that were recorded or heard in this browser: drawn at once the next time.

const PLACE = "speaking-sessions-peaks";
const MAX_SESSIONS = 100;

/** Those of that session, or null. */
export function keptPeaks(id) {
  return all().find(([known]) => known === id)?.[1] ?? null;
}

/** The oldest make room. */
export function keepPeaks(id, peaks) {
  keep([[id, peaks], ...othersThan(id)].slice(0, MAX_SESSIONS));
}

export function forgetPeaks(id) {
  keep(othersThan(id));
}

function othersThan(id) {
  return all().filter(([known]) => known !== id);
}

function all() {
  try {
    const kept = JSON.parse(localStorage.getItem(PLACE));
    return Array.isArray(kept) ? kept : [];
  } catch {
    return []; // switched off in the browser, or not ours
  }
}

function keep(entries) {
  try {
    localStorage.setItem(PLACE, JSON.stringify(entries));
  } catch {
    // Full, or switched off: they are measured again.
  }
}
