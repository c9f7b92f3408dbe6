"""How a page comes over a slow line: what is asked for when, and when it can be seen and used."""

import base64

from private_stack import PASSWORD

# Mobile data in the country: 400 kbit/s down and up, and 300 ms until an answer begins.
BYTES_PER_SECOND = 400_000 / 8
LATENCY_MILLISECONDS = 300

# When the page has its text on the screen, and when Start does something, in ms.
WATCH = """
window.seen = {};
new PerformanceObserver((list) => {
  for (const entry of list.getEntriesByName("first-contentful-paint")) {
    seen.painted = entry.startTime;
  }
}).observe({ type: "paint", buffered: true });
(function look() {
  const start = document.getElementById("start");
  if (start?.checkVisibility() && !start.disabled && start.onclick) {
    seen.usable = performance.now();
  } else {
    requestAnimationFrame(look);
  }
})();
"""
ENTRIES = """
const entries = [...performance.getEntriesByType("navigation"),
  ...performance.getEntriesByType("resource")];
return {
  ...seen,
  entries: entries.map((entry) => ({
    path: new URL(entry.name).pathname, protocol: entry.nextHopProtocol,
    asked: entry.startTime, begun: entry.responseStart, come: entry.responseEnd,
    body: entry.encodedBodySize, sent: entry.transferSize,
  })),
};
"""


def measure(browser, path="/session/new"):
    """What the browser says of that page over the slow line; nothing of it is kept from before."""
    # As the request after a sign-in has it: without the question for a password before.
    token = base64.b64encode(f"{browser.user}:{PASSWORD}".encode()).decode()
    browser.cdp("Network.enable")
    browser.cdp("Network.setExtraHTTPHeaders", headers={"Authorization": f"Basic {token}"})
    browser.cdp(
        "Network.emulateNetworkConditions", offline=False, latency=LATENCY_MILLISECONDS,
        downloadThroughput=BYTES_PER_SECOND, uploadThroughput=BYTES_PER_SECOND,
    )  # fmt: skip
    browser.before_pages(WATCH)
    browser.open(path, signed_in=False)
    browser.wait(lambda: browser.run("return seen.usable"), "Start")
    return browser.run(ENTRIES)


def table(found):
    lines = ["| ms asked | begun | come | bytes | what |", "|---:|---:|---:|---:|---|"]
    for entry in sorted(found["entries"], key=lambda entry: entry["asked"]):
        times = " | ".join(f"{entry[name]:.0f}" for name in ("asked", "begun", "come"))
        lines.append(f"| {times} | {entry['body']} | `{entry['path']}` |")
    return "\n".join(lines)
