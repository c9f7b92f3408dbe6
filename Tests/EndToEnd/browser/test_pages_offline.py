"""The recorder without a network, and whose version of it opens: the service worker."""

import re
import shutil

import pytest
from browser import in_both
from kept_takes import kept_takes

from stack.nginx import VERSION

# Of this browser's registration for our pages: what stands in each of its places.
WORKERS = """
const registration = await navigator.serviceWorker.getRegistration(`${location.origin}/session/`);
if (!registration) return null;
const state = (worker) => worker?.state ?? null;
return {
  scope: new URL(registration.scope).pathname,
  active: state(registration.active), waiting: state(registration.waiting),
  controls: navigator.serviceWorker.controller !== null,
};
"""
# As the page does it, and what becomes of the worker.
REGISTER = """
const scope = `${location.origin}/session/`;
const { installing, waiting, active } = await navigator.serviceWorker.register(
  `${scope}worker.js?language=en`, { scope });
const worker = installing ?? waiting ?? active;
while (!["activated", "redundant"].includes(worker.state)) {
  await new Promise((resolve) => {
    worker.addEventListener("statechange", resolve, { once: true });
  });
}
return worker.state;
"""
CACHES = """
const found = {};
for (const name of await caches.keys()) {
  const requests = await (await caches.open(name)).keys();
  found[name] = requests.map(({ url }) => new URL(url).pathname);
}
return found;
"""
VERSIONS = """
return [...new Set(performance.getEntriesByType("resource")
  .map(({ name }) => name.match(/assets[/]v-([^/]+)/)?.[1]).filter(Boolean))];
"""
AWAY = ["Failed to load resource", "ERR_CONNECTION_REFUSED", "NetworkError", "worker.js"]


@pytest.fixture
def site(sites, stack):
    """An nginx with pages of its own, which can be changed, taken away and brought back."""
    return Site(sites.nginx(stack.path / "responder.sock"))


class Site:
    def __init__(self, front):
        self.front = front
        self.url = front.url
        self.installed = front.directory / "sessions-fcgi"
        self.html = self.installed / "html"
        shipped = self.html.resolve()
        self.html.unlink()
        shutil.copytree(shipped, self.html)
        self.deploy("first")

    def deploy(self, version):
        """Restarted with that version of the pages."""
        (self.installed / "version.conf").write_text(VERSION.format(version=version))
        self.restart()

    def restart(self):
        self.front.stop()
        self.come_back()

    def go_away(self):
        self.front.stop()

    def come_back(self):
        self.front.start()
        assert self.front.wait_until_ready(20)

    def include(self, name):
        file = self.front.directory / "nginx.conf"
        pages = "include sessions-fcgi/pages.conf;"
        file.write_text(file.read_text().replace(pages, f"{pages} include sessions-fcgi/{name};"))
        self.restart()


@pytest.fixture
def page(new_browser, site):
    browser = new_browser(url=site.url)
    site.front.add_user(browser.user)
    browser.expected = AWAY
    return browser


def open_recorder(page, state="idle"):
    """As a link does: Chromium's workers do not know an address with a password in it."""
    page.open("/session/new", signed_in=False)
    page.wait_for_state(state)


def open_and_keep(page):
    """Once this returns the recorder opens without a network."""
    page.open("/session/new")
    page.wait_for_state("idle")
    page.wait(lambda: (page.run(WORKERS) or {}).get("active") == "activated", "the worker")


def versions(page):
    return page.run(VERSIONS)


@in_both
def test_recorder_opens_offline_and_its_take_goes_later(page, site):
    open_and_keep(page)
    site.go_away()
    open_recorder(page)
    page.record_here()
    page.press("Upload & Analyze")
    page.wait_for_text("The server cannot be reached")
    site.come_back()
    page.hurry()
    page.wait_for_session(seconds=60)
    assert kept_takes(page)["count"] == 0


@in_both
def test_take_of_an_offline_visit_is_there_on_the_next(page, site):
    open_and_keep(page)
    site.go_away()
    open_recorder(page)
    page.record_here()
    site.come_back()
    open_recorder(page, "stopped")
    page.press("Upload & Analyze")
    page.wait_for_session()


@in_both
@pytest.mark.parametrize("count", [0, 200])
def test_file_that_did_not_come_whole_is_not_kept(new_browser, door, count):
    """Firefox takes for whole what is cut off, if it is compressed and told its length."""
    browser = new_browser(url=door.url)
    browser.expected = AWAY
    door.cut_short["/assets/player-parts.js"] = count
    browser.open("/session/new")
    browser.wait_for_state("idle")
    assert browser.run(REGISTER) == "redundant"
    assert browser.run(CACHES) == {}
    door.cut_short.clear()
    open_and_keep(browser)
    [kept] = browser.run(CACHES).values()
    assert any(path.endswith("/player-parts.js") for path in kept)


def test_session_that_cannot_be_fetched_says_so(page, site):
    open_and_keep(page)
    site.go_away()
    page.open("/session/c123", signed_in=False)
    page.wait_for_text("The server cannot be reached")
    page.wait_for("button", "Try Again")


def test_language_is_kept_too(new_browser, site):
    browser = new_browser(url=site.url, arguments=["--accept-lang=de"])
    site.front.add_user(browser.user)
    browser.expected = AWAY
    open_and_keep(browser)
    site.go_away()
    open_recorder(browser)
    browser.wait_for("button", "Sprechübung beginnen")


@in_both
def test_only_our_own_pages_are_kept_and_answered(page, site):
    open_and_keep(page)
    open_recorder(page)
    workers = page.run(WORKERS)
    assert (workers["scope"], workers["controls"]) == ("/session/", True)
    [kept] = page.run(CACHES).values()
    pages = [path for path in kept if not path.startswith("/assets/v-first/")]
    assert sorted(pages) == ["/session/kept", "/session/new"]
    page.open("/", signed_in=False)
    page.wait_for_text("Nothing here yet")
    assert page.run(WORKERS)["controls"] is False
    site.go_away()
    open_recorder(page)
    answered = "return fetch(given[0]).then(() => true, () => false)"
    others = ["/", "/api/sessions", "/api/sessions/c1/audio", "/session/new", "/assets/base.css"]
    assert [page.run(answered, path) for path in others] == [False] * len(others)


@in_both
def test_new_version_never_meets_the_one_before(page, site):
    open_and_keep(page)
    site.deploy("second")
    open_recorder(page)
    assert versions(page) == ["second"]
    page.wait(lambda: page.run(WORKERS)["waiting"] == "installed", "the next worker")
    assert page.run(WORKERS)["active"] == "activated"
    site.go_away()
    open_recorder(page)
    assert versions(page) == ["first"]
    site.come_back()
    # Firefox counts a page as open for as long as one can go back to it as it was left.
    page.run("addEventListener('unload', () => {});")
    page.open("/", signed_in=False)
    page.wait(lambda: len(page.run(CACHES)) == 1, "the end of the first version")
    page.wait(lambda: page.run(WORKERS)["active"] == "activated", "the next worker")
    site.go_away()
    open_recorder(page)
    assert versions(page) == ["second"]


def test_version_that_does_not_come_whole_is_not_taken(page, site):
    open_and_keep(page)
    (site.html / "assets" / "insights.js").unlink()
    site.deploy("broken")
    open_recorder(page)
    page.wait(lambda: "insights.js" in page_log(site), "the try")
    assert page.run(WORKERS)["waiting"] is None
    site.go_away()
    open_recorder(page)
    assert versions(page) == ["first"]


def asked(site):
    """The statuses of the recorder's page."""
    return [
        int(found) for found in re.findall(r'GET /session/new HTTP[^"]*" (\d+)', page_log(site))
    ]


def page_log(site):
    return site.front.run.log(f"{site.front.name}-access").read_text()


@in_both
def test_site_takes_the_worker_away(page, site):
    open_and_keep(page)
    page.record_here()
    site.include("without-worker.conf")
    open_recorder(page, "stopped")
    page.wait(lambda: page.run(WORKERS) is None, "the end of the worker")
    assert page.run(CACHES) == {}
    assert kept_takes(page)["count"] == 1


def test_pages_without_a_version_have_no_worker_any_more(page, site):
    open_and_keep(page)
    site.deploy("")
    page.open("/session/new", signed_in=False)
    page.wait(lambda: page.run(WORKERS) is None, "the end of the worker")
    assert page.run(CACHES) == {}


def test_who_is_signed_out_is_asked_by_the_browser_itself(page, site):
    """It asks for no password for what a worker fetches."""
    open_and_keep(page)
    users = site.front.directory / "sessions-fcgi-users"
    known = users.read_text()
    users.write_text("")
    page.expected = ["status of 401"]
    page.open("/session/new", signed_in=False)
    page.wait(lambda: asked(site)[-2:] == [401, 401], "the question of the browser's own")
    users.write_text(known)
    page.open("/session/new")
    page.wait_for_state("idle")


def test_what_a_home_screen_needs(new_browser, site, tmp_path):
    """Nothing can be installed from a container, which is like a private window."""
    page = new_browser(url=site.url, profile=tmp_path / "profile")
    site.front.add_user(page.user)
    page.open("/session/new")
    page.wait_for_state("idle")
    named = "return document.querySelector('link[rel=manifest]') !== null;"
    page.wait(lambda: page.run(named), "the manifest, which is named last")
    manifest = page.cdp("Page.getAppManifest")
    assert not manifest["errors"]
    found = page.run(
        """
        const manifest = await (await fetch(given[0])).json();
        const sizes = [];
        for (const { src, type, sizes: told } of manifest.icons) {
          const icon = await (await fetch(new URL(src, given[0]))).blob();
          const { width } = type === "image/png" ? await createImageBitmap(icon) : { width: "any" };
          sizes.push([icon.type === type, told.startsWith(String(width))]);
        }
        return { sizes, start: manifest.start_url };
        """,
        re.sub("//[^@]*@", "//", manifest["url"]),
    )
    assert found == {"sizes": [[True, True]] * 4, "start": "/session/new"}
    assert not page.cdp("Page.getInstallabilityErrors")["installabilityErrors"]
