"""/session/new: what a link brings along, and files that are dropped."""

from urllib.parse import quote

import pytest
from browser import in_both
from kept_takes import kept_takes

from stack.directory import ROOT

# Drags a file over the element of that id, and drops it there; gives what would come of it.
DRAG = """
  const [id, bytes, drops] = given;
  const transfer = new DataTransfer();
  transfer.items.add(new File([new Uint8Array(bytes)], "take.wav"));
  const dispatch = (type) => {
    const options = { bubbles: true, cancelable: true, dataTransfer: transfer };
    const event = new DragEvent(type, options);
    document.querySelector(id).dispatchEvent(event);
    return event.defaultPrevented;
  };
  const isPrevented = dispatch("dragover");
  const hint = document.querySelector(".drop-here").checkVisibility();
  if (drops) dispatch("drop");
  return [isPrevented, hint];
"""

PEAKS = """
  const opening = indexedDB.open("speaking-sessions", 1);
  const database = await new Promise((resolve) => {
    opening.onsuccess = () => resolve(opening.result);
  });
  const asking = database.transaction("takes").objectStore("takes").getAll();
  await new Promise((resolve) => { asking.onsuccess = resolve; });
  database.close();
  return asking.result[0].peaks ?? "";
"""


@pytest.fixture
def wav(speech):
    """The start of the speech, as numbers."""
    return list(speech.read_bytes()[:200_000])


def fields(browser):
    browser.wait_for_state("idle")
    return [browser.by_id(id).get_property("value") for id in ("topic", "language")]


@pytest.mark.parametrize("query, topic, language", [
    ("topic=The+sea&language=de", "The sea", "de"),
    ("topic=%D8%A7%D9%84%D8%A8%D8%AD%D8%B1&language=ar", "البحر", "ar"),
    ("topic=a%09b%0Ac%00&language=pt-BR", "a b c", "pt"),
    (f"topic={'x' * 600}", "x" * 500, "en"),
    (f"topic={'x' * 499}{quote('😀')}", "x" * 499, "en"),
    ("topic=%3Cimg+src=x%3E&language=tlh", "<img src=x>", "en"),
    ("language=__proto__", "", "en"),
], ids=["both", "Arabic", "control characters", "too long", "half a character", "markup",
        "no such language"])  # fmt: skip
def test_link_fills_in_the_fields(browser, query, topic, language):
    browser.open(f"/session/new?{query}")
    assert fields(browser) == [topic, language]


@in_both
def test_topic_has_the_language_of_the_session(browser):
    browser.open("/session/new?topic=Das+Meer&language=de")
    browser.wait_for_state("idle")
    topic = browser.by_id("topic")
    assert topic.get_property("lang") == "de"
    topic.clear()
    assert topic.get_property("lang") == "", "the hint is in the page's"
    topic.send_keys("La mer")
    browser.wait_for("field", "Language").send_keys("Fre")
    browser.wait(lambda: topic.get_property("lang") == "fr", "the language")


def test_topic_of_a_link_comes_before_what_is_left_over(browser, db):
    browser.record()
    browser.open("/session/new?topic=The+sea&language=de")
    assert fields(browser) == ["The sea", "de"]
    browser.wait_for_text("1 recording has not been uploaded yet.")
    browser.record_here(1)
    browser.press("Upload & Analyze")
    row = db.session(browser.wait_for_session())
    assert (row["topic"], row["language"]) == ("The sea", "de")


@in_both
def test_file_is_dropped_on_the_panel(browser, wav):
    browser.open("/session/new")
    browser.wait_for_state("idle")
    assert browser.run(DRAG, "#message", wav, True) == [True, True]
    browser.wait_for_text("take.wav")
    browser.wait_for_state("stopped")
    assert not browser.driver.find_element("css selector", ".drop-here").is_displayed()
    assert kept_takes(browser)["size"] == len(wav)


def test_file_that_is_dropped_beside_leaves_the_page_alone(browser, wav):
    browser.open("/session/new")
    browser.wait_for_state("idle")
    assert browser.run(DRAG, "h1", wav, True) == [True, True]
    assert browser.state() == "idle"
    assert kept_takes(browser)["count"] == 0


def test_file_that_is_dropped_in_mid_recording_leaves_it_alone(browser, wav):
    browser.open("/session/new")
    browser.press("Start Speaking Session")
    browser.wait(lambda: browser.elapsed() >= 1, "1 s")
    assert browser.run(DRAG, "#message", wav, True) == [True, False]
    browser.wait_for_text("Finish this one first")
    browser.press("Stop Session")
    browser.wait_for_state("stopped")
    assert kept_takes(browser)["count"] == 1


def test_limits_are_in_words(browser):
    browser.open("/session/new")
    browser.wait_for_text("about an hour and a half")
    assert "MiB" not in browser.text()


def test_recording_that_begins_before_all_of_the_page_is_there(new_browser, door):
    script = (ROOT / "nginx/html/assets/after-start.js").read_text()
    script += "await new Promise((resolve) => { window.letCome = resolve; });\n"
    door.files["/assets/after-start.js"] = script
    browser = new_browser(url=door.url)
    browser.open("/session/new")
    browser.press("Start Speaking Session")
    browser.wait(lambda: browser.elapsed() >= 1, "1 s")
    browser.run("letCome()")
    browser.wait(lambda: browser.elapsed() >= 3, "3 s")
    assert browser.driver.title != "New Speaking Session"
    browser.press("Stop Session")
    browser.wait_for_state("stopped")
    assert set(browser.run(PEAKS)) - {"0"}, "nothing was heard of it"


def test_recording_on_a_page_of_which_the_rest_does_not_come(new_browser, door):
    door.files["/assets/after-start.js"] = "throw new Error();"
    browser = new_browser(url=door.url)
    browser.open("/session/new")
    browser.wait_for_text("did not come whole")
    browser.press("Start Speaking Session")
    browser.wait(lambda: browser.elapsed() >= 2, "2 s")
    browser.press("Save to Device")
    browser.wait_for_text("did not come whole")
    browser.press("Stop Session")
    browser.wait_for_state("idle")
    browser.wait_for_text("did not come whole")
    assert kept_takes(browser)["count"] == 1
    door.files.clear()
    browser.open("/session/new")
    browser.wait_for_state("stopped")


@in_both
def test_tab_that_comes_to_the_front_before_its_takes_are_there(new_browser, door):
    """What it said to the console would fail the test."""
    script = (ROOT / "nginx/html/assets/new-session.js").read_text()
    open_takes = "  [panel.takes] = await Promise.all([Takes.open()"
    come = "  await later; document.dispatchEvent(new Event('visibilitychange'));\n"
    assert open_takes in script
    door.files["/assets/new-session.js"] = script.replace(open_takes, come + open_takes)
    browser = new_browser(url=door.url)
    browser.open("/session/new")
    browser.wait_for_state("idle")
    browser.wait(lambda: browser.run("return !document.querySelector('#start').disabled"), "Start")
