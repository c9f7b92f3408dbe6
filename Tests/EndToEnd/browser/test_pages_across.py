"""What one browser recorded is heard in another, from any place in it."""

from pathlib import Path

import pytest
from browser import in_both

# By Firefox 153, in WebM: without length and index, as earlier takes were stored.
FIREFOX_WEBM = Path(__file__).with_name("firefox-recorded.webm")
SECONDS = 2.97

LISTEN_AND_SEEK = """
  const audio = document.getElementById("audio");
  audio.muted = true;
  await audio.play();
  const until = (name) => new Promise((resolve, reject) => {
    audio.addEventListener(name, resolve, { once: true });
    audio.onerror = () => reject(new Error(audio.error.message));
  });
  while (audio.currentTime < 0.2) await until("timeupdate");
  audio.pause();
  audio.currentTime = 1.5;
  await until("seeked");
  return [audio.currentTime, audio.duration];
"""


@pytest.mark.parametrize("recording, listening", [("chromium", "firefox"), ("firefox", "chromium")])
def test_recorded_in_one_browser_and_heard_in_another(new_browser, db, recording, listening):
    recorder = new_browser(kind=recording)
    recorder.record(3)
    recorder.press("Upload & Analyze")
    id = recorder.wait_for_session()
    listener = new_browser(kind=listening, user=recorder.user)
    listener.open(f"/session/{id}")
    listener.wait_for_state("session")
    place, length = listener.run(LISTEN_AND_SEEK)
    assert abs(place - 1.5) < 0.1
    assert abs(length - db.session(id)["durationSecs"]) <= 1


@in_both
def test_webm_that_firefox_recorded_is_heard_from_any_place(browser, client, db):
    id = client.upload(FIREFOX_WEBM.read_bytes(), "audio/webm", duration="3")
    browser.open(f"/session/{id}")
    browser.wait_for_state("session")
    audio = browser.by_id("audio")
    browser.wait(lambda: (audio.get_property("duration") or 0) > 0, "the length")
    place, length = browser.run(LISTEN_AND_SEEK)
    assert abs(place - 1.5) < 0.1
    assert abs(length - SECONDS) < 0.1


@in_both
def test_webm_that_firefox_recorded_can_be_chosen_as_a_file(browser, db):
    browser.open("/session/new")
    browser.wait_for_state("idle")
    browser.by_id("file").send_keys(str(FIREFOX_WEBM))
    browser.wait_for_state("stopped", seconds=10)
    assert browser.elapsed() == 3
    preview = LISTEN_AND_SEEK.replace('"audio"', '"preview"')
    assert abs(browser.run(preview)[1] - SECONDS) < 0.1
    browser.press("Upload & Analyze")
    assert db.session(browser.wait_for_session())["durationSecs"] == 3
