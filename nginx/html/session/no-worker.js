// Served in place of worker.js where a site does not want it, or no longer: takes the place of the
// one before at once, and removes what that kept and itself. Takes are not in these caches.

const CACHES = "speaking-sessions-shell";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(remove()));

async function remove() {
  const names = (await caches.keys()).filter((name) => name.startsWith(CACHES));
  await Promise.all(names.map((name) => caches.delete(name)));
  await self.registration.unregister();
}
