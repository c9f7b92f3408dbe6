"""/session/new: R, Space, U and Esc, and when they do nothing."""

import json

import pytest
from browser import in_both
from selenium.webdriver.common.keys import Keys

UNAVAILABLE = (503, {"Retry-After": "40"}, json.dumps({
    "error": "The service is not available", "code": "UNAVAILABLE",
}))  # fmt: skip
PRESS = "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', given[0]));"


@pytest.fixture
def page(browser):
    browser.open("/session/new")
    # They come with what Start does not wait for.
    heard = "return document.getElementById('start').hasAttribute('aria-keyshortcuts');"
    browser.wait(lambda: browser.state() == "idle" and browser.run(heard), "keys")
    return browser


def dispatch(page, key, **more):
    """A key as another keyboard, or somebody who holds it, would press it."""
    page.wait_until_settled()
    page.run(PRESS, {"key": key, "bubbles": True, "cancelable": True, **more})


@in_both
def test_keys_alone_are_enough(page, db):
    page.key("r")
    page.wait_for_state("recording")
    page.wait(lambda: page.elapsed() >= 1, "1 s")
    page.key(Keys.SPACE)
    page.wait_for_state("paused")
    page.key(Keys.SPACE)
    page.wait_for_state("recording")
    page.key("r")
    page.wait_for_state("stopped")
    page.key("u")
    page.wait_for_session()
    assert db.session_count(page.user) == 1


@in_both
def test_space_pauses_after_a_click_on_start(page):
    page.press("Start Speaking Session")
    page.wait_for_state("recording")
    page.key(Keys.SPACE)
    page.wait_for_state("paused")
    page.press("Resume")
    page.wait_for_state("recording")
    page.key(Keys.SPACE)
    page.wait_for_state("paused")


@in_both
def test_keys_do_nothing_while_somebody_types(page):
    topic = page.wait_for("field", "Topic (optional)")
    topic.send_keys("ur r u")
    assert page.state() == "idle"
    assert topic.get_property("value") == "ur r u"


@in_both
def test_keys_do_nothing_on_a_focused_control(page):
    for name in ("Language", "Start Speaking Session"):
        page.tab_to(name)
        page.key("r")
    assert page.state() == "idle"
    page.key(Keys.ENTER)
    page.wait_for_state("recording")
    page.wait(lambda: page.elapsed() >= 1, "1 s")
    page.key("r")
    assert page.focused() == "Stop Session"
    assert page.state() == "recording"
    page.key(Keys.SPACE)
    page.wait_for_state("stopped")
    page.tab_to("Save to Device")
    page.key("u")
    page.wait_until_settled()
    assert page.state() == "stopped"


@pytest.mark.parametrize("more", [
    {"ctrlKey": True}, {"altKey": True}, {"metaKey": True}, {"shiftKey": True}, {"repeat": True},
    {"isComposing": True}, {"modifierAltGraph": True},
], ids=lambda more: next(iter(more)))  # fmt: skip
def test_keys_do_nothing_with_a_modifier_or_on_repeat(page, more):
    dispatch(page, "r", **more)
    assert page.state() == "idle"


def test_key_that_is_pressed_twice_counts_once(page):
    page.key("rr")
    page.wait(lambda: page.state() != "opening" and page.elapsed() >= 1, "1 s")
    assert page.state() == "recording"
    page.wait_until_settled()
    page.key(Keys.SPACE + Keys.SPACE)
    page.wait_until_settled()
    assert page.state() == "paused"


def test_keys_have_their_places_where_other_letters_are_written(page):
    dispatch(page, "к", code="KeyR")
    page.wait(lambda: page.elapsed() >= 1, "1 s")
    dispatch(page, "i", code="KeyR")  # where R is elsewhere
    assert page.state() == "recording"
    dispatch(page, "R", code="KeyO")  # with Caps Lock
    page.wait_for_state("stopped")


@in_both
def test_keys_can_be_switched_off(page):
    page.driver.find_element("css selector", "#settings summary").click()
    page.wait_for("field", "Use these keys:").click()
    page.open("/session/new")
    page.wait_for_state("idle")
    page.key("r")
    assert page.state() == "idle"
    assert not page.driver.find_elements("css selector", "[aria-keyshortcuts]")
    page.driver.find_element("css selector", "#settings summary").click()
    page.wait_for("field", "Use these keys:").click()
    start = page.wait_for("button", "Start Speaking Session")
    assert start.get_dom_attribute("aria-keyshortcuts") == "R"
    page.driver.find_element("css selector", "h1").click()
    page.key("r")
    page.wait_for_state("recording")


def test_escape_cancels_an_upload_and_ends_a_check(new_browser, door, db):
    browser = new_browser(url=door.url)
    browser.expected = ["status of 503"]
    browser.open("/session/new")
    browser.press("Check the Microphone")
    browser.wait_for_state("checking")
    browser.key(Keys.ESCAPE)
    browser.wait_for_state("idle")
    browser.record_here(1)
    browser.key(Keys.ESCAPE)
    assert browser.state() == "stopped"
    door.orders = [UNAVAILABLE]
    browser.key("u")
    browser.wait_for_text("Trying again in")
    browser.key(Keys.ESCAPE)
    browser.wait_for_state("stopped")
    assert not db.session_count(browser.user)
