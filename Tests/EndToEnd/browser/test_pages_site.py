"""What nginx says around the pages: policy, caching, compression, errors, sign-in."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from certificates import make_certificate
from elsewhere import Elsewhere
from http2 import listeners
from private_stack import PASSWORD

from stack.directory import ROOT
from stack.nginx import version_of

HTML = ROOT / "nginx" / "html"
PAGES = ["/", "/session/new", "/session/c123"]
ASSETS = [f"/{file.relative_to(HTML)}" for file in sorted((HTML / "assets").rglob("*.*"))]
POLICY = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self'",
    "connect-src": "'self'", "media-src": "'self' blob:", "form-action": "'none'",
    "base-uri": "'none'", "frame-ancestors": "'none'", "manifest-src": "'self'",
    "worker-src": "'self'",
}  # fmt: skip


@pytest.fixture
def fetch(stack, alice):
    """A page as a browser asks for it."""

    def fetch(path, method="GET", auth=(alice.user, PASSWORD), url=stack.url, **headers):
        headers = {"Accept": "text/html,*/*;q=0.8", **headers}
        return requests.request(
            method, url + path, auth=auth, headers=headers, allow_redirects=False, timeout=30
        )

    return fetch


@pytest.mark.smoke
@pytest.mark.parametrize("path", PAGES)
def test_policy_caching_and_compression_of_a_page(fetch, path):
    response = fetch(path)
    assert response.status_code == 200
    directives = response.headers["Content-Security-Policy"].split("; ")
    assert dict(directive.split(" ", 1) for directive in directives) == POLICY
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert_served_as_ours(response)
    # Its file may be the same as before, and the version of its scripts another.
    assert "ETag" not in response.headers and "Last-Modified" not in response.headers
    long_since = {"If-Modified-Since": "Tue, 19 Jan 2038 00:00:00 GMT", "If-None-Match": "*"}
    assert fetch(path, **long_since).status_code == 200


@pytest.mark.parametrize("path", ASSETS)
def test_caching_and_compression_of_a_style_or_script(fetch, path):
    response = fetch(path)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert_served_as_ours(response)
    again = fetch(path, **{"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304
    if path.endswith(".svg"):  # which can be opened as a page
        assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def assert_served_as_ours(response):
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response.headers["X-Request-Id"]
    if len(response.content) > 300 and "image/png" not in response.headers["Content-Type"]:
        assert response.headers["Content-Encoding"] == "gzip"


@pytest.mark.smoke
@pytest.mark.parametrize("page", PAGES)
def test_addresses_with_the_version_are_kept_for_good(fetch, page):
    addresses = assets_named(fetch(page).text)
    assert len(addresses) > 5
    for address in addresses:
        assert address.startswith(f"/assets/v-{version_of(HTML)}/")
        response = fetch(address, auth=None)
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        plain = fetch(re.sub("/v-[^/]+/", "/", address))
        assert plain.content == response.content


def assets_named(text):
    return re.findall(r'(?:src|href)="(/assets/[^"]+)"', text)


def test_other_version_is_what_there_is_now_and_is_not_kept(fetch):
    response = fetch("/assets/v-before/base.css")
    assert response.text == (HTML / "assets" / "base.css").read_text()
    assert response.headers["Cache-Control"] == "private, no-cache"
    missing = fetch(f"/assets/v-{version_of(HTML)}/nothing.js")
    assert missing.status_code == 404
    assert missing.headers["Cache-Control"] == "private, no-store"


def test_without_a_version_browsers_ask_each_time(fetch, sites, stack):
    """As the files come, before a version is written."""
    shipped = (ROOT / "nginx" / "version.conf").read_text()
    given = f'map "" $sessions_version {{ default "{version_of(HTML)}"; }}\n'
    front = sites.nginx(stack.path / "responder.sock", edits=[("version.conf", given, shipped)])
    page = fetch("/session/new", auth=("demo", PASSWORD), url=front.url)
    assert page.text == (HTML / "session" / "new.html").read_text()
    for address in assets_named(page.text):
        assert fetch(address, url=front.url).headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("file", sorted(HTML.rglob("*.html")), ids=lambda file: file.name)
def test_pages_hold_no_script_no_style_and_nothing_from_elsewhere(file):
    text = file.read_text()
    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on\w+=|https?://[a-z]", text)


@pytest.mark.parametrize("path", PAGES)
def test_pages_want_a_sign_in_and_say_so(fetch, path):
    response = fetch(path, auth=None)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Basic")
    assert "You are not signed in" in response.text
    assert "Content-Security-Policy" in response.headers


def test_styles_need_no_sign_in(fetch):
    assert fetch("/assets/base.css", auth=None).status_code == 200


@pytest.mark.parametrize(
    "path", ["/nothing", "/session/new/", "/session/", "/index.html", "/signed-out.html"]
)
def test_other_addresses_are_a_page_for_people(fetch, path):
    response = fetch(path)
    assert response.status_code == 404
    assert response.headers["Content-Type"].startswith("text/html")
    assert "There is nothing here" in response.text


@pytest.mark.parametrize("path", ["/nothing", "/assets/nothing.js", "/session/"])
def test_other_addresses_are_json_for_programs(fetch, path):
    response = fetch(path, Accept="*/*")
    assert response.status_code == 404
    assert response.json()["code"] == "NOT_FOUND"


@pytest.mark.parametrize("path", [*PAGES, "/assets/base.css"])
def test_pages_take_nothing(fetch, path):
    response = fetch(path, "POST")
    assert response.status_code == 405
    assert response.json()["code"] == "METHOD_NOT_ALLOWED"


# Where an app says who the user is

APP = "upstream sessions_app { server 127.0.0.1:%d; }"


@pytest.fixture
def front(sites, stack):
    """nginx with auth_request, before an app that knows nobody and answers with that status."""
    servers = []

    def start(status, edits=()):
        class App(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_):
                pass

        app = ThreadingHTTPServer(("127.0.0.1", 0), App)
        servers.append(app)
        threading.Thread(target=app.serve_forever, daemon=True).start()
        return sites.nginx(
            stack.path / "responder.sock", "auth-request", http=APP % app.server_port,
            server="include sessions-fcgi/auth/app.conf;", edits=edits,
        )  # fmt: skip

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_without_a_sign_in_address_the_page_says_so(front, fetch):
    response = fetch("/", auth=None, url=front(401).url)
    assert response.status_code == 401
    assert "You are not signed in" in response.text


def test_who_is_not_signed_in_is_sent_to_the_sign_in_address(front, fetch):
    address = '"/login?return=$sessions_page"'
    edit = ("pages.conf", 'set $sessions_sign_in "";', f"set $sessions_sign_in {address};")
    response = fetch("/session/new", auth=None, url=front(401, [edit]).url)
    assert response.status_code == 302
    assert response.headers["Location"].endswith("/login?return=/session/new")


def test_app_that_is_broken_is_a_page(front, fetch):
    response = fetch("/", auth=None, url=front(500).url)
    assert response.status_code == 500
    assert "We will be right back" in response.text


# In the browser


def test_signed_out_page_offers_to_sign_in(new_browser, front):
    browser = new_browser(url=front(401).url)
    browser.expected = ["status of 401"]
    browser.open("/", signed_in=False)
    browser.wait_for_text("You are not signed in")
    browser.wait_for("link", "Sign in")


def test_upload_and_refusals_over_http2(new_browser, sites, stack, tmp_path):
    """A refusal reaches a page that is still sending."""
    _, url, directives = listeners(make_certificate(tmp_path / "front"))
    front = sites.nginx(stack.path / "responder.sock", server=directives)
    browser = new_browser(url=url, arguments=["--ignore-certificate-errors"])
    front.add_user(browser.user)
    browser.expected = ["status of 413", "status of 400"]
    browser.open("/")
    browser.wait_for_text("Nothing here yet")
    protocol = browser.run("return performance.getEntriesByType('navigation')[0].nextHopProtocol")
    assert protocol == "h2"
    answers = browser.run(
        """
        const answers = [];
        for (const [size, type] of [[3e6, "audio/webm"], [3e6, "text/html"], [6e7, "audio/webm"]]) {
          const form = new FormData();
          form.append("audio", new Blob([new Uint8Array(size)], { type }), "take.webm");
          form.append("duration", "1");
          const answer = await fetch(given[0], { method: "POST", body: form });
          answers.push([answer.status, (await answer.json()).code ?? "none"]);
        }
        return answers;
        """,
        f"{url}/api/sessions",
    )
    assert answers == [[201, "none"], [400, "INVALID_FILE"], [413, "INVALID_FILE"]]


def test_page_of_another_origin_cannot_post(browser, client, stack):
    """Of the same host, so that the browser sends the password along."""
    with Elsewhere() as elsewhere:
        browser.open("/")
        browser.wait_for_text("Nothing here yet")
        browser.driver.get(elsewhere.origin)
        browser.expected = ["status of 403"]
        browser.run(
            """
            const form = new FormData();
            form.append("audio", new Blob(["sound"], { type: "audio/webm" }), "take.webm");
            form.append("duration", "1");
            const options = { method: "POST", body: form, credentials: "include", mode: "no-cors" };
            await fetch(given[0], options);
            """,
            f"{stack.url}/api/sessions",
        )
    assert client.get().json()["total"] == 0
    browser.wait(
        lambda: '"POST /api/sessions HTTP/1.1" 403' in stack.log("nginx-access"), "the refusal"
    )
