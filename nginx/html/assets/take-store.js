// Takes that the server does not have yet, kept in IndexedDB until it has.
//
// A take is { id, type, durationSecs, byteCount, topic, language, recordedAt, isFixed }: id is also
// its Idempotency-Key, and isFixed says that it was sent once, so that nothing of it may change any
// more. Its sound is kept in pieces as it is recorded: a crash in mid-recording loses a second.

const DATABASE = "speaking-sessions";

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

  /** Newest first. */
  async all() {
    const transaction = this.#database.transaction("takes");
    const takes = await result(transaction.objectStore("takes").getAll());
    return takes.sort((first, second) => second.recordedAt - first.recordedAt);
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
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    navigator.locks.request(lockName(take), { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock && new Promise(() => {}); // held for as long as the page lives
    });
  });
}

/** Whether a tab, this one included, has claimed the take. */
export async function isClaimed(take) {
  const { held } = (await navigator.locks?.query()) ?? { held: [] };
  return held.some((lock) => lock.name === lockName(take));
}

const lockName = (take) => `take-${take.id}`;

function piecesOf(take) {
  return IDBKeyRange.bound([take.id, 0], [take.id, Infinity]);
}

function result(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function completion(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}
