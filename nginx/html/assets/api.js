// The HTTP API as the pages see it.

import { Failure, hasText, text } from "./text.js";
import { abortedAfter } from "./wait.js";

const SECONDS_TO_WAIT = 30;

/**
 * An address of the API. Built from the origin: a page that was opened as
 * http://user:password@host/ resolves relative addresses to ones with the password in them, which
 * fetch refuses.
 */
export function apiURL(path = "") {
  return `${location.origin}/api/sessions${path}`;
}

export function sessionPath(id) {
  return `/${encodeURIComponent(id)}`;
}

/** The address of a session's page. */
export function pageURL(id) {
  return `${location.origin}/session/${encodeURIComponent(id)}`;
}

/** A request that failed. `status` is 0 when no answer of ours came; `message` is for people. */
export class ApiError extends Failure {
  constructor(status, code, message, retryAfterSecs = null) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.retryAfterSecs = retryAfterSecs;
  }

  static noAnswer() {
    return new ApiError(0, "NO_ANSWER", text("server.NO_ANSWER"));
  }

  /** An answer that no server of ours gave: a network's sign-in page, or one that was cut off. */
  static unreadable() {
    return new ApiError(0, "UNREADABLE", text("server.UNREADABLE"));
  }

  /** From an answer: our words for its code, else the server's own, where it has any. */
  static from(status, body, retryAfter) {
    const seconds = /^\d+$/.test(retryAfter ?? "") ? Number(retryAfter) : null;
    const { error, code } = parsed(body) ?? {};
    if (typeof error !== "string") {
      return new ApiError(status, "UNKNOWN", text("server.UNKNOWN", { status }), seconds);
    }
    const words = hasText(`server.${code}`) ? text(`server.${code}`) : error;
    return new ApiError(status, code, words, seconds);
  }

  get isSignedOut() {
    return this.status === 401;
  }

  /** Whether the server is still busy with an earlier request that had the same key. */
  get isInProgress() {
    return this.code === "IDEMPOTENCY_IN_PROGRESS";
  }

  /** Whether it is certain that nothing came of the request. */
  get isRefusal() {
    return this.status >= 400 && this.status < 500 && ![408, 409, 422].includes(this.status);
  }

  /** Whether the same request may well succeed a little later. */
  get isTemporary() {
    return this.isInProgress || [0, 408, 429, 502, 503, 504, 507].includes(this.status);
  }
}

function parsed(body) {
  try {
    return JSON.parse(body);
  } catch {
    return null; // not JSON: some proxy's page
  }
}

/** What the answer holds. Throws an `ApiError` where it tells of a failure or cannot be read. */
export function content(status, body, retryAfter) {
  if (status < 200 || status > 299) throw ApiError.from(status, body, retryAfter);
  const value = parsed(body);
  if (value === null) throw ApiError.unreadable();
  return value;
}

async function request(method, path) {
  const signal = abortedAfter(SECONDS_TO_WAIT * 1000);
  let response, body;
  try {
    response = await fetch(apiURL(path), { method, signal });
    body = await response.text();
  } catch {
    throw ApiError.noAnswer();
  }
  return content(response.status, body, response.headers.get("Retry-After"));
}

/** @param wanted - page, limit, q, status and language, as far as they matter. */
export const listSessions = (wanted) => request("GET", `?${new URLSearchParams(wanted)}`);
export const showSession = (id) => request("GET", sessionPath(id));
export const deleteSession = (id) => request("DELETE", sessionPath(id));
export const audioURL = (id) => apiURL(`${sessionPath(id)}/audio`);

/** The recording itself, or null if it is larger than that. */
export async function fetchAudio(id, maxBytes = Infinity) {
  const leaving = new AbortController();
  const response = await fetch(audioURL(id), { signal: leaving.signal });
  if (!response.ok) throw ApiError.from(response.status, await response.text());
  if (Number(response.headers.get("Content-Length")) <= maxBytes) return response.blob();
  leaving.abort();
  return null;
}
