"""What the tests in a browser stand on: spoken sound for the microphone, and browsers."""

import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).resolve().parent)]

from chromium import Chromium, ChromiumAlone, SharedChromium  # noqa: E402
from door import Door  # noqa: E402
from firefox import Firefox, FirefoxProcess  # noqa: E402
from speech import make_speech  # noqa: E402
from webkit import WebKit, WebKitProcess  # noqa: E402


def pytest_collection_modifyitems(items):
    """A browser on a busy machine misses moments that pass; what fails twice is a fault.

    Which had to be tried again is said in the line above the last.
    """
    here = Path(__file__).resolve().parent
    for item in items:
        if item.path.parent == here:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def speech(tmp_path_factory):
    """A spoken text, as a WAV file that Chromium takes for its microphone."""
    return make_speech(tmp_path_factory.mktemp("speech"))


@pytest.fixture(scope="session")
def firefox_process():
    process = FirefoxProcess()
    yield process
    process.quit()


@pytest.fixture(scope="session")
def shared_chromium(speech):
    shared = SharedChromium(speech)
    yield shared
    shared.quit()


@pytest.fixture
def browser_kind():
    """Which browser `new_browser` starts where it is not told: `in_both` runs a test in each."""
    return "chromium"


@pytest.fixture
def new_browser(request, browser_kind, stack, speech, new_client, sites, door):
    """Makes browsers; at the end of the test their consoles must be empty.

    They are containers in a process that the tests share, except for a Chromium with options of its
    own: a `profile` that is kept, another `sound`, a `microphone` that is not allowed, `arguments`.

    `sites` and `door` are asked for so that they end after it: what a page loads from a server that
    is being stopped makes it complain.
    """
    made = []

    def make(url=None, user=None, kind=browser_kind, **options):
        user = user or new_client().user
        url = url or stack.url
        if kind == "firefox":
            browser = Firefox(request.getfixturevalue("firefox_process"), url, user)
        elif kind == "webkit":
            browser = WebKit(WebKitProcess(), url, user)
        elif options:
            browser = Chromium(ChromiumAlone(**{"sound": speech, **options}), url, user)
        else:
            shared = request.getfixturevalue("shared_chromium")
            browser = Chromium(shared.process(), url, user)
        made.append(browser)
        return browser

    yield make
    try:
        complaints = [line for browser in made for line in browser.complaints()]
        assert not complaints, complaints
    finally:
        for browser in made:
            browser.quit()


@pytest.fixture
def browser(new_browser):
    """The browser of a user never seen before."""
    return new_browser()


@pytest.fixture
def client(browser, new_client):
    """The same user as an HTTP client."""
    return new_client(browser.user)


@pytest.fixture
def door(stack):
    with Door(stack.url) as door:
        yield door


@pytest.fixture
def choose(browser):
    """Chooses that file on the page in place of a recording."""

    def choose(file):
        browser.open("/session/new")
        browser.wait_for_state("idle")
        browser.by_id("file").send_keys(str(file))

    return choose
