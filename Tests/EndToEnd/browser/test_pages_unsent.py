"""/session/new: takes that the server does not have yet are saved, listed, and sent behind."""

import hashlib
import json

import pytest
from kept_takes import kept_takes
from probe import Probe
from test_pages_across import FIREFOX_WEBM

UNAVAILABLE = (503, {"Retry-After": "40"}, json.dumps({
    "error": "The service is not available", "code": "UNAVAILABLE",
}))  # fmt: skip
REFUSED = 400, {}, json.dumps({"error": "That does not do", "code": "INVALID_FIELD"})


@pytest.fixture
def downloads(tmp_path):
    directory = tmp_path / "downloads"
    directory.mkdir()
    return directory


@pytest.fixture
def browser(new_browser, door, downloads):
    """One that reaches the site through the door, and saves what it is told to."""
    browser = new_browser(url=door.url)
    browser.save_into(downloads)
    return browser


def saved(browser, downloads):
    """The one file that was saved, once all of it is there; it is taken away."""
    browser.wait(lambda: list(downloads.glob("*.webm")), "a saved file")
    [file] = downloads.iterdir()
    name, data = file.name, file.read_bytes()
    file.unlink()
    return name, data


def keep_one(browser, topic):
    browser.wait_for_state("idle")
    browser.wait_for("field", "Topic (optional)").send_keys(topic)
    browser.record_here(1)
    browser.press("Keep It and Record Another")
    browser.wait_for_state("idle")


def rows(browser):
    return [row.text for row in browser.driver.find_elements("css selector", "#unsent-list > li")]


def press_in(browser, topic, name):
    """The button of that name in the row of that topic."""
    browser.wait_until_settled()
    for row in browser.driver.find_elements("css selector", "#unsent-list > li"):
        for button in row.find_elements("css selector", "button, a"):
            if topic in row.text and button.is_displayed() and button.accessible_name == name:
                return button.click()
    raise AssertionError(f"no {name} for {topic} in {rows(browser)}")


def test_take_can_be_saved_in_every_state(browser, door, downloads):
    browser.expected = ["status of 503"]
    browser.open("/session/new")
    browser.wait_for("field", "Topic (optional)").send_keys("Sea / Shore")
    browser.press("Start Speaking Session")
    browser.wait(lambda: browser.elapsed() >= 3, "3 s")
    browser.press("Save to Device")
    name, data = saved(browser, downloads)
    assert name.startswith("Sea - Shore 2") and name.endswith(".webm")
    assert Probe(data).seconds >= 1.5
    browser.press("Pause")
    browser.press("Save to Device")
    saved(browser, downloads)
    browser.press("Stop Session")
    browser.wait_for_state("stopped")
    browser.press("Save to Device")
    _, data = saved(browser, downloads)
    recorded = kept_takes(browser)["sha256"]
    assert hashlib.sha256(data).hexdigest() == recorded
    door.orders = [UNAVAILABLE]
    browser.press("Upload & Analyze")
    browser.wait_for_text("Trying again in")
    browser.press("Save to Device")
    _, data = saved(browser, downloads)
    assert hashlib.sha256(data).hexdigest() == recorded
    browser.press("Record Another Meanwhile")
    press_in(browser, "Sea / Shore", "Save")
    _, data = saved(browser, downloads)
    assert hashlib.sha256(data).hexdigest() == recorded


def test_next_take_is_recorded_while_one_is_uploaded(browser, door, db):
    browser.expected = ["status of 503"]
    door.orders = [UNAVAILABLE]
    browser.open("/session/new")
    browser.wait_for("field", "Topic (optional)").send_keys("First")
    browser.record_here(1)
    browser.press("Upload & Analyze")
    browser.wait_for_text("Trying again in")
    browser.press("Record Another Meanwhile")
    browser.wait_for_state("idle")
    browser.wait_for_text("The service is not available.")
    assert not browser.by_id("hurry").is_displayed()
    browser.press("Start Speaking Session")
    browser.wait(lambda: browser.elapsed() >= 1, "1 s")
    press_in(browser, "First", "Try Now")
    browser.wait_for_text("Uploaded.")
    assert browser.state() == "recording", "it goes on"
    assert db.session_count(browser.user) == 1
    browser.press("Stop Session")
    browser.wait_for_state("stopped")
    press_in(browser, "First", "Open")
    browser.wait_for_session()
    browser.wait_for_text("First")
    assert kept_takes(browser)["count"] == 1


def test_waiting_counts_down_and_says_why(browser, door):
    browser.expected = ["status of 503"]
    door.orders = [UNAVAILABLE]
    browser.record()
    browser.press("Upload & Analyze")
    browser.wait_for_text("The service is not available.")
    seen = set()

    def three_times():
        seen.add(browser.by_id("progress-text").text)
        return len(seen) >= 3

    browser.wait(three_times, "a countdown")
    assert all(line.startswith("Trying again in") for line in seen)
    browser.press("Record Another Meanwhile")
    browser.wait_for_text("The service is not available. Try again later. Trying again in")


def test_all_are_uploaded_one_after_the_other(browser, door, db):
    browser.expected = ["status of 400"]
    browser.open("/session/new")
    for topic in ("One", "Two", "Three"):
        keep_one(browser, topic)
    browser.wait_for_text("3 recordings have not been uploaded yet.")
    assert [row.split("\n")[0] for row in rows(browser)] == ["Three", "Two", "One"]
    door.orders = [REFUSED]
    browser.press("Upload All")
    browser.wait_for_text("That does not do")
    browser.wait(lambda: db.session_count(browser.user) == 2, "two sessions")
    browser.wait_for_text("1 recording has not been uploaded yet.")
    press_in(browser, "Three", "Upload")
    browser.wait(lambda: db.session_count(browser.user) == 3, "the third")
    browser.wait_for_text("Other recordings")
    assert kept_takes(browser)["count"] == 0
    assert browser.state() == "idle"


def test_row_is_played_discarded_and_brought_back(browser):
    browser.open("/session/new")
    keep_one(browser, "One")
    recorded = kept_takes(browser)["sha256"]
    press_in(browser, "One", "Play")
    player = browser.driver.find_element("css selector", "#unsent-list audio")
    browser.wait(lambda: player.get_property("currentTime") > 0.2, "sound")
    press_in(browser, "One", "Discard")
    browser.wait_for_text("Recording discarded.")
    assert kept_takes(browser)["count"] == 0
    assert browser.focused() == "Undo"
    press_in(browser, "One", "Undo")
    browser.wait(lambda: kept_takes(browser)["sha256"] == recorded, "the take")
    press_in(browser, "One", "Show")
    browser.wait_for_state("stopped")
    assert browser.by_id("topic").get_property("value") == "One"


def test_length_is_the_same_everywhere(browser):
    """Of 2.97 s: neither 0:02 in one place nor 0:03 in another."""
    browser.open("/session/new")
    browser.wait_for_state("idle")
    browser.by_id("file").send_keys(str(FIREFOX_WEBM))
    browser.wait_for_state("stopped")
    assert browser.by_id("timer").text == "0:03"
    browser.press("Keep It and Record Another")
    browser.wait(lambda: rows(browser), "the list")
    assert "0:03 ·" in rows(browser)[0]
    press_in(browser, "Untitled session", "Upload")
    browser.wait_for("link", "Open").click()
    browser.wait_for_session()
    assert browser.by_id("length").text == "0:03"
    browser.follow("My sessions")
    browser.wait_for_text("0:03")


def test_tabs_do_not_upload_the_same_take(browser, door, db):
    browser.open("/session/new")
    for topic in ("One", "Two"):
        keep_one(browser, topic)
    first = browser.driver.current_window_handle
    browser.open_tab()
    browser.open("/session/new")
    browser.wait_for_text("2 recordings are open in another tab.")
    assert rows(browser) == []
    second = browser.driver.current_window_handle
    browser.show_tab(first)
    browser.driver.close()
    browser.show_tab(second)
    browser.run("document.dispatchEvent(new Event('visibilitychange'));")
    browser.wait_for_text("2 recordings have not been uploaded yet.")
    browser.press("Upload All")
    browser.wait(lambda: db.session_count(browser.user) == 2, "both")
    assert len(door.uploads) == 2
