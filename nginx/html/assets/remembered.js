// What was chosen on these pages. Where the browser keeps nothing, what is usual holds again.

const PREFIX = "speaking-sessions-";

/** What was chosen, or null. */
export function recall(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function remember(name, value) {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // then it holds as long as the page
  }
}
