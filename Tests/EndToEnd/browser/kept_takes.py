"""A look into the browser's IndexedDB: the takes that it keeps."""

# Their number, and the SHA-256 of the newest one's sound.
LOOK = """
  const opening = indexedDB.open("speaking-sessions", 1);
  const database = await new Promise((resolve, reject) => {
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
    opening.onupgradeneeded = () => reject(new Error("there is no such database"));
  });
  const all = (name) => new Promise((resolve) => {
    const asking = database.transaction(name).objectStore(name).getAll();
    asking.onsuccess = () => resolve(asking.result);
  });
  const [takes, pieces] = [await all("takes"), await all("pieces")];
  database.close();
  takes.sort((first, second) => second.recordedAt - first.recordedAt);
  const sound = new Blob(pieces
    .filter((piece) => piece.takeID === takes[0]?.id)
    .sort((first, second) => first.index - second.index)
    .map((piece) => piece.sound));
  const digest = await crypto.subtle.digest("SHA-256", await sound.arrayBuffer());
  const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0"));
  return { count: takes.length, pieces: pieces.length, size: sound.size, sha256: hex.join("") };
"""


def kept_takes(browser):
    return browser.run(LOOK)
