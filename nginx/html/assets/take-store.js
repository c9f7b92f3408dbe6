// Takes that the server does not have yet, kept in IndexedDB until it has.
//
// A take is { id, type, durationSecs, byteCount, peaks, topic, language, recordedAt, sentAt }: id is
// also its Idempotency-Key, and sentAt says when it was first sent, if it was: nothing of it may
// change any more. Its peaks (peaks.js) may be missing. Its sound is kept in pieces as it is recorded: a crash in mid-recording loses a second.

const DATABASE = "speaking-sessions";
const RELEASE_MILLISECONDS = 500;

export class TakeStore {
  #database;

  static async open() {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore("takes", { keyPath: "id" });
      opening.result.createObjectStore("pieces", { keyPath: ["takeID", "index"] });
    };
    return new TakeStore(await result(opening));
  }

  constructor(database) {
    this.#database = database;
  }

  /** Keeps what is known of the take and, where given, its next piece of sound. */
  async put(take, piece = null) {
    const transaction = this.#database.transaction(["takes", "pieces"], "readwrite");
    transaction.objectStore("takes").put(take);
    if (piece) {
      transaction.objectStore("pieces").put({ takeID: take.id, ...piece });
    }
    await completion(transaction);
  }

  all() {
    return result(this.#database.transaction("takes").objectStore("takes").getAll());
  }

  async sound(take) {
    const transaction = this.#database.transaction("pieces");
    const pieces = await result(transaction.objectStore("pieces").getAll(piecesOf(take)));
    return new Blob(pieces.map((piece) => piece.sound), { type: take.type });
  }

  async remove(take) {
    const transaction = this.#database.transaction(["takes", "pieces"], "readwrite");
    transaction.objectStore("takes").delete(take.id);
    transaction.objectStore("pieces").delete(piecesOf(take));
    await completion(transaction);
  }
}

/** A new id: 128 random bits. Not randomUUID, which pages without HTTPS do not have. */
export function newTakeID() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Marks the take as this page's own until the page is gone, so that no second tab offers what is
 * just being recorded or sent here. False when another tab has it.
 */
export function claim(take) {
  const forever = () => new Promise(() => {});
  return lock(take, forever);
}

/** Whether no tab, this one included, has claimed the take. */
export function isFree(take) {
  return lock(take, () => {});
}

/**
 * True once the lock is had; it is held until what `hold` returns is settled. A page that was just
 * left may hold its locks for another moment, so that is waited for.
 */
function lock(take, hold) {
  if (!navigator.locks) return Promise.resolve(true); // a page without HTTPS
  return new Promise((resolve) => {
    const patience = new AbortController();
    setTimeout(() => patience.abort(), RELEASE_MILLISECONDS);
    const options = { signal: patience.signal };
    const holdIt = () => {
      resolve(true);
      return hold();
    };
    navigator.locks.request(`take-${take.id}`, options, holdIt).catch(() => resolve(false));
  });
}

function piecesOf(take) {
  return IDBKeyRange.bound([take.id, 0], [take.id, Infinity]);
}

function result(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Asked for at once, it comes to an end even where the page does before that. */
function completion(transaction) {
  transaction.commit();
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}
