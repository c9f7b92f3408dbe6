"""/session/new: which microphone is listened to, how, and what it hears."""

import pytest
from browser import in_both
from selenium.webdriver.support.select import Select

# Keeps what the page asked for in `asked`, and the stream that it got in `opened`.
WATCH = """{
  const media = navigator.mediaDevices, open = media.getUserMedia.bind(media);
  media.getUserMedia = async (what) => {
    window.asked = what.audio;
    window.opened = await open(what);
    return opened;
  };
}"""
# Lets the page see only the microphones whose names are in `present`, once a test has set it.
PLUG = """{
  const media = navigator.mediaDevices, list = media.enumerateDevices.bind(media);
  media.enumerateDevices = async () => {
    const devices = await list();
    const isPresent = ({ label }) => !window.present || present.includes(label);
    return devices.filter(isPresent);
  };
  window.plug = (labels) => {
    window.present = labels;
    media.dispatchEvent(new Event("devicechange"));
  };
}"""


@pytest.fixture
def page(browser):
    browser.before_pages(WATCH)
    browser.before_pages(PLUG)
    browser.open("/session/new")
    browser.wait_for_state("idle")
    return browser


def record_and_discard(page):
    page.record_here(1)
    page.press("Discard & Retry")
    page.wait_for_state("idle")


def microphones(page):
    """The field in which one is chosen."""
    if not page.by_id("settings").get_property("open"):
        page.driver.find_element("css selector", "#settings summary").click()
    return Select(page.wait_for("field", "Microphone"))


def listed(page):
    return [option.text for option in microphones(page).options]


def choose_last(page):
    """Its name. Chromium tells the names at once, as it was allowed before, Firefox once it was."""
    record_and_discard(page)
    page.wait(lambda: len(listed(page)) > 1, "the names of the microphones")
    name = listed(page)[-1]
    microphones(page).select_by_visible_text(name)
    return name


def used(page):
    return page.run("return opened.getTracks()[0].label;")


@in_both
def test_microphone_is_chosen_and_remembered(page):
    assert listed(page)[0] == "Default microphone"
    name = choose_last(page)
    page.open("/session/new")
    page.wait_for_state("idle")
    assert microphones(page).first_selected_option.text == name
    record_and_discard(page)
    assert used(page) == name
    assert page.run("return asked.deviceId.exact.length > 0;")
    microphones(page).select_by_visible_text("Default microphone")
    page.open("/session/new")
    page.wait_for_state("idle")
    assert microphones(page).first_selected_option.text == "Default microphone"
    record_and_discard(page)
    assert not page.run("return 'deviceId' in asked;")


def test_aliases_of_the_default_are_not_listed(page):
    page.wait(lambda: len(listed(page)) > 1, "the names")
    assert "Fake Default Audio Input" not in listed(page)
    assert len(set(listed(page))) == len(listed(page))


@in_both
def test_chosen_microphone_goes_and_comes_back(page):
    name = choose_last(page)
    page.run("plug([]);")
    page.wait_for_text(f"“{name}” is not connected.")
    assert microphones(page).first_selected_option.text == name
    record_and_discard(page)
    page.wait_for_text(f"“{name}” is not connected.")
    page.run("plug([given[0]]);", name)
    page.wait_for_text(f"“{name}” is connected again")
    record_and_discard(page)
    assert used(page) == name
    assert "connected again" not in page.text()


def test_chosen_microphone_that_is_gone_at_the_start_is_told(page):
    name = choose_last(page)
    page.before_pages("window.present = [];")
    page.open("/session/new")
    page.wait_for_text(f"“{name}” is not connected.")
    page.wait_for("button", "Start Speaking Session")


def test_microphone_is_known_by_its_name_where_its_id_has_changed(page):
    name = choose_last(page)
    page.run(
        """const key = "speaking-sessions-microphone";
        localStorage.setItem(key, JSON.stringify({ id: "old", label: given[0] }));""",
        name,
    )
    page.open("/session/new")
    page.wait_for_state("idle")
    record_and_discard(page)
    assert used(page) == name
    assert "is not connected" not in page.text()


@pytest.mark.parametrize("kept", ["null", "5", "{", '{"id":1}', '""'])
def test_choice_that_makes_no_sense_is_none(page, kept):
    page.run("localStorage.setItem('speaking-sessions-microphone', given[0]);", kept)
    page.open("/session/new")
    page.wait_for_state("idle")
    assert microphones(page).first_selected_option.text == "Default microphone"


@in_both
def test_processing_of_the_sound_can_be_switched_off(page):
    processing = "return [asked.echoCancellation, asked.noiseSuppression, asked.autoGainControl];"
    record_and_discard(page)
    assert page.run(processing) == [True, True, True]
    microphones(page)
    page.wait_for("field", "Remove echo and noise, and even out the loudness").click()
    page.open("/session/new")
    page.wait_for_state("idle")
    record_and_discard(page)
    assert page.run(processing) == [False, False, False]


def test_language_is_that_of_the_last_session(browser):
    browser.open("/session/new")
    Select(browser.wait_for("field", "Language")).select_by_visible_text("German")
    browser.open("/session/new")
    browser.wait_for_state("idle")
    assert browser.by_id("language").get_property("value") == "de"


def test_browser_that_keeps_nothing_forgets_the_choices(browser):
    browser.before_pages(
        """Object.defineProperty(window, "localStorage", {
          get() { throw new DOMException("", "SecurityError"); },
        });"""
    )
    browser.open("/session/new")
    Select(browser.wait_for("field", "Language")).select_by_visible_text("German")
    record_and_discard(browser)
    browser.wait(lambda: len(listed(browser)) > 1, "the names")
    microphones(browser).select_by_index(1)
    record_and_discard(browser)
