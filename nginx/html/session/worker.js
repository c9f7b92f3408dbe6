// The service worker of the pages, which opens the recorder without a network.
//
// It keeps the shell and nothing else: the pages and what they load, never what the API says. nginx
// writes the version into the next line, so that each version is another worker with a cache of its
// own. It begins to work once all files of its version are there and no page is open that began
// with the one before: no page gets scripts of two.

const ASSETS = "/assets/";

const CACHES = "speaking-sessions-shell";
const CACHE = `${CACHES} ${ASSETS}`;
const RECORDER = "/session/new";
const SESSION = "/session/kept"; // any id will do: the page is the same for all
const PATIENCE_MILLISECONDS = 5000;

const PAGE = /^\/session\/[^/]+$/;
const NAMED_IN_PAGE = /(?:src|href)="(\/assets\/[^"]+)"/g;
const IMPORTED = /(?:from |import |import\()"(\.\/[^"]+)"/g;

self.addEventListener("install", (event) => event.waitUntil(keepShell()));
self.addEventListener("activate", (event) => event.waitUntil(forgetOthers()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, searchParams } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate") {
    const isOurs = PAGE.test(pathname) && !searchParams.has("signed-out");
    if (isOurs) event.respondWith(page(request, pathname));
  } else if (pathname.startsWith(ASSETS)) {
    event.respondWith(asset(request, pathname));
  }
});

// Keeping

/** All or nothing, and the pages last: where they are, what they load is. */
async function keepShell() {
  const found = new Map(); // by address
  const assets = new Map();
  for (const address of [RECORDER, SESSION]) {
    found.set(address, await get(address, { cache: "no-store" }));
    for (const name of await namesIn(found.get(address), NAMED_IN_PAGE)) await collect(name, assets);
  }
  const { searchParams } = new URL(location.href);
  await collect(`${ASSETS}text/${searchParams.get("language")}.js`, assets);

  const shell = [...assets, ...found];
  const areWhole = await Promise.all(shell.map(isWhole));
  if (areWhole.includes(false)) throw new Error("A file is cut off");
  const cache = await caches.open(CACHE);
  for (const [address, answer] of shell) await cache.put(address, answer);
}

/** That file, and what it imports. */
async function collect(address, found) {
  if (found.has(address)) return;
  if (!address.startsWith(ASSETS)) throw new Error("The next version came meanwhile");
  found.set(address, await get(address));
  if (!address.endsWith(".js")) return;
  for (const name of await namesIn(found.get(address), IMPORTED)) {
    await collect(new URL(name, location.origin + address).pathname, found);
  }
}

async function get(address, options = {}) {
  const answer = await fetch(address, { redirect: "error", ...options });
  if (!answer.ok) throw new Error(`${address} is ${answer.status}`);
  return new Response(await answer.arrayBuffer(), answer); // of what breaks off no part is kept
}

/**
 * Whether as much came as was announced. Firefox takes less for all where it is compressed, as it
 * can come from a proxy in front of nginx.
 */
async function isWhole([address, answer]) {
  const announced = Number(answer.headers.get("content-length")); // 0 where nothing is
  if (announced === 0) return true;
  const { byteLength } = await answer.clone().arrayBuffer();
  // Safari tells no size before 16.4, and since then 0 of what it had in its own cache.
  const received = (await noted(location.origin + address))?.encodedBodySize || announced;
  return byteLength > 0 && received >= announced;
}

/** What the browser has noted of a request, which it does a moment after its end. */
async function noted(url) {
  for (let tries = 0; tries < 20; tries++) {
    const entry = performance.getEntriesByName(url).at(-1);
    if (entry) return entry;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return null;
}

async function namesIn(answer, pattern) {
  const text = await answer.clone().text();
  return [...text.matchAll(pattern)].map((match) => match[1]);
}

async function forgetOthers() {
  const names = await caches.keys();
  const others = names.filter((name) => name.startsWith(CACHES) && name !== CACHE);
  await Promise.all(others.map((name) => caches.delete(name)));
}

// Answering

async function kept(address) {
  const cache = await caches.open(CACHE);
  return cache.match(address, { ignoreVary: true });
}

async function asset(request, pathname) {
  return (await kept(pathname)) ?? fetch(request);
}

/** As the server has it; the kept one where it does not answer. */
async function page(request, pathname) {
  try {
    const answer = await Promise.race([fetch(request), refusalAfter(PATIENCE_MILLISECONDS)]);
    // The browser asks for a password only where it asks for the page itself.
    return answer.status === 401 ? Response.redirect(`${pathname}?signed-out`) : answer;
  } catch {
    return (await kept(pathname === RECORDER ? RECORDER : SESSION)) ?? Response.error();
  }
}

function refusalAfter(milliseconds) {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error("No answer came")), milliseconds);
  });
}
