// Has the browser keep the pages, so that the recorder opens without a network, and on a home screen.

const SCOPE = "/session/"; // what is elsewhere may be an app's

/** Called when the page has loaded what it needs itself. */
export function keepForOffline() {
  nameManifest();
  // Without a version in their addresses a worker could not tell old files from new ones. Without
  // HTTPS there are none, and a private window may refuse: then it is as before.
  const isVersioned = import.meta.url.includes("/assets/v-");
  if (!isVersioned || !("serviceWorker" in navigator)) return;
  const scope = `${location.origin}${SCOPE}`; // the page's own address may have a password in it
  const worker = `${scope}worker.js?language=${document.documentElement.lang}`;
  navigator.serviceWorker.register(worker, { scope }).catch(() => {});
}

/** Not in the page itself: on a slow line it would come before what a recording needs. */
function nameManifest() {
  const href = new URL("manifest.webmanifest", import.meta.url).href;
  document.head.append(Object.assign(document.createElement("link"), { rel: "manifest", href }));
}
