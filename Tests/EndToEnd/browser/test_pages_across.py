"""What one browser recorded is heard in another, from any place in it."""

from pathlib import Path

import pytest
from browser import in_both
from listening import listen_and_seek

# By Firefox 153, in WebM: without length and index, as earlier takes were stored.
FIREFOX_WEBM = Path(__file__).with_name("firefox-recorded.webm")
SECONDS = 2.97


@pytest.mark.parametrize("recording, listening", [("chromium", "firefox"), ("firefox", "chromium")])
def test_recorded_in_one_browser_and_heard_in_another(new_browser, db, recording, listening):
    recorder = new_browser(kind=recording)
    recorder.record(3)
    recorder.press("Upload & Analyze")
    id = recorder.wait_for_session()
    listener = new_browser(kind=listening, user=recorder.user)
    listener.open(f"/session/{id}")
    listener.wait_for_state("session")
    place, length = listen_and_seek(listener, 1.5)
    assert abs(place - 1.5) < 0.1
    assert abs(length - db.session(id)["durationSecs"]) <= 1


@in_both
def test_webm_that_firefox_recorded_is_heard_from_any_place(browser, client, db):
    id = client.upload(FIREFOX_WEBM.read_bytes(), "audio/webm", duration="3")
    browser.open(f"/session/{id}")
    browser.wait_for_state("session")
    place, length = listen_and_seek(browser, 1.5)
    assert abs(place - 1.5) < 0.1
    assert abs(length - SECONDS) < 0.1


@in_both
def test_webm_that_firefox_recorded_can_be_chosen_as_a_file(browser, db):
    browser.open("/session/new")
    browser.wait_for_state("idle")
    browser.by_id("file").send_keys(str(FIREFOX_WEBM))
    browser.wait_for_state("stopped", seconds=10)
    assert browser.elapsed() == 3
    assert abs(listen_and_seek(browser, 1.5, "preview")[1] - SECONDS) < 0.1
    browser.press("Upload & Analyze")
    assert db.session(browser.wait_for_session())["durationSecs"] == 3
