"""What the tests in a browser stand on: spoken sound for the microphone, and browsers."""

import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).resolve().parent)]

from chromium import Chromium  # noqa: E402
from door import Door  # noqa: E402
from speech import make_speech  # noqa: E402


@pytest.fixture(scope="session")
def speech(tmp_path_factory):
    """A spoken text, as a WAV file that Chromium takes for its microphone."""
    return make_speech(tmp_path_factory.mktemp("speech"))


@pytest.fixture
def new_browser(stack, speech, new_client, tmp_path, sites, door):
    """Starts browsers; at the end of the test their consoles must be empty.

    `sites` and `door` are asked for so that they end after it: what a page loads from a server that
    is being stopped makes it complain.
    """
    started = []

    def make(url=None, user=None, sound=speech, **options):
        user = user or new_client().user
        browser = Chromium(url or stack.url, user, sound, tmp_path / "profile", **options)
        started.append(browser)
        return browser

    yield make
    try:
        complaints = [line for browser in started for line in complaints_of(browser)]
        assert not complaints, complaints
    finally:
        for browser in started:
            browser.quit()


def complaints_of(browser):
    return [] if browser.driver.service.process.poll() is not None else browser.complaints()


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
