"""/session/new: a press counts once, for what was there when it began."""

import time

import pytest
from selenium.webdriver.common.action_chains import ActionChains

PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}


@pytest.fixture(params=["desktop", "phone"])
def page(browser, request):
    if request.param == "phone":
        browser.cdp("Emulation.setDeviceMetricsOverride", **PHONE)
    browser.open("/session/new")
    browser.wait_for_state("idle")
    return browser


def press_twice(browser, name, seconds_between):
    """Where the button is, whatever is there the second time."""
    browser.wait_until_settled()
    button = browser.wait_for("button", name)
    pointer = ActionChains(browser.driver, duration=0).move_to_element(button)
    pointer.click().pause(seconds_between).click().perform()


def hold_enter(browser, name):
    browser.wait_until_settled()
    browser.run("given[0].focus();", browser.wait_for("button", name))
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}
    for repeats in (False, *[True] * 10):
        browser.cdp("Input.dispatchKeyEvent", type="keyDown", autoRepeat=repeats, **enter)
        time.sleep(0.03)  # the rate at which keys repeat
    browser.cdp("Input.dispatchKeyEvent", type="keyUp", **enter)


def twice(seconds):
    return lambda browser, name: press_twice(browser, name, seconds)


PRESSES = [twice(0.1), twice(0.35), twice(0.6), hold_enter]
NAMES = ["0.1 s", "0.35 s", "0.6 s", "held Enter"]


@pytest.mark.parametrize("press", PRESSES, ids=NAMES)
def test_second_half_of_a_press_does_nothing(page, press, db):
    press(page, "Start Speaking Session")
    page.wait(lambda: page.state() != "opening" and page.elapsed() >= 2, "2 s")
    assert page.state() == "recording"
    press(page, "Pause")
    settled(page, "paused")
    press(page, "Resume")
    settled(page, "recording")
    press(page, "Stop Session")
    settled(page, "stopped")
    assert not db.session_count(page.user)
    press(page, "Discard & Retry")
    settled(page, "idle")
    assert "Recording discarded." in page.text()


def settled(page, state):
    page.wait_for_state(state)
    page.wait_until_settled()
    assert page.state() == state


def test_discard_is_not_where_pause_and_stop_were(page):
    page.press("Start Speaking Session")
    page.wait(lambda: page.elapsed() >= 1, "1 s")
    before = [page.wait_for("button", name).rect for name in ("Stop Session", "Pause")]
    page.press("Stop Session")
    page.wait_for_state("stopped")
    discard = page.wait_for("button", "Discard & Retry").rect
    assert not any(overlap(discard, rect) for rect in before)


def overlap(first, second):
    return all(
        first[place] < second[place] + second[size] and second[place] < first[place] + first[size]
        for place, size in (("x", "width"), ("y", "height"))
    )


def test_panel_and_list_come_to_rest_each_by_itself(browser):
    """The panel's buttons were dead for good when a take of the list was discarded just after."""
    browser.open("/session/new")
    browser.wait_for_state("idle")
    browser.run(
        """
        const { settle } = await import("/assets/presses.js");
        for (const id of ["panel", "unsent"]) settle(document.getElementById(id));
        """
    )
    browser.wait_until_settled()
