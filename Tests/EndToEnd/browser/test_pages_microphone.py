"""/session/new: which microphone is listened to, and how; the check, and what the browser asks."""

import pytest
from browser import in_both
from kept_takes import kept_takes
from selenium.webdriver.common.keys import Keys
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


# The check


@in_both
def test_check_keeps_nothing_and_ends(page):
    page.tab_to("Check the Microphone")
    page.key(Keys.ENTER)
    page.wait_for_state("checking")
    assert page.focused() == "Start Speaking Session"
    page.wait_for_text("Nothing is recorded yet.")
    assert page.by_id("timer").text == "0:00"
    page.press("End the Check")
    page.wait_for_state("idle")
    assert page.run("return opened.getTracks()[0].readyState;") == "ended"
    assert kept_takes(page)["count"] == 0


@in_both
def test_recording_takes_the_microphone_of_the_check_over(page):
    page.press("Check the Microphone")
    page.wait_for_state("checking")
    page.run("window.checked = opened;")
    page.record_here(2)
    assert page.run("return checked === opened;")
    assert page.run("return opened.getTracks()[0].readyState;") == "ended"
    assert kept_takes(page)["size"] > 5000


def test_another_microphone_is_heard_during_the_check(page):
    page.press("Check the Microphone")
    page.wait_for_state("checking")
    page.run("window.checked = opened;")
    name = listed(page)[-1]
    microphones(page).select_by_visible_text(name)
    page.wait(lambda: used(page) == name, name)
    page.wait(lambda: page.run("return checked.getTracks()[0].readyState;") == "ended", "the end")
    assert page.state() == "checking"
    page.wait_for_text("We hear you well.")


@pytest.mark.parametrize("how", [
    "hide(true);", "opened.getTracks()[0].dispatchEvent(new Event('ended'));",
], ids=["hidden", "unplugged"])  # fmt: skip
def test_check_ends_when_nobody_looks_or_it_is_unplugged(browser, how):
    browser.before_pages(WATCH)
    browser.make_hideable()
    browser.open("/session/new")
    browser.press("Check the Microphone")
    browser.wait_for_state("checking")
    browser.run(how)
    browser.wait_for_state("idle")
    assert browser.run("return opened.getTracks()[0].readyState;") == "ended"


def test_check_of_a_microphone_that_is_denied(new_browser):
    browser = new_browser(microphone="denied")
    browser.open("/session/new")
    browser.press("Check the Microphone")
    browser.wait_for_text("The microphone is blocked for this page.")
    assert browser.state() == "idle"


# What the browser asks

ASKING = "Your browser will ask whether this page may use the microphone"


def permit(browser, permission):
    """Lets the browser tell that it is so."""
    browser.before_pages(
        f"""navigator.permissions.query = async () => {{
          window.permission = Object.assign(new EventTarget(), {{ state: "{permission}" }});
          return permission;
        }};"""
    )


@pytest.mark.parametrize("permission, asks", [("prompt", True), ("granted", False)])
def test_what_the_browser_will_ask_is_told_before(browser, permission, asks):
    permit(browser, permission)
    browser.open("/session/new")
    browser.wait_for_state("idle")
    if asks:
        browser.wait_for_text(ASKING)
        browser.run("permission.state = 'granted'; permission.dispatchEvent(new Event('change'));")
    assert ASKING not in browser.text()


@in_both
def test_browser_that_does_not_tell_is_asked_once(browser):
    browser.before_pages("navigator.permissions.query = async () => { throw new TypeError(); };")
    browser.open("/session/new")
    browser.wait_for_text(ASKING)
    record_and_discard(browser)
    assert ASKING not in browser.text()
    browser.open("/session/new")
    browser.wait_for_state("idle")
    assert ASKING not in browser.text()


MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
LIKE_SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) " + LIKE_SAFARI
CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"
ANDROID = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"


REFUSALS = [
    (f"Mozilla/5.0 (X11; Linux x86_64) {CHROME} Safari/537.36", 0, "Google Inc.",
     "Click the icon in front of the address"),
    (f"Mozilla/5.0 (Linux; Android 10; K) {CHROME} Mobile Safari/537.36", 5, "Google Inc.",
     "then Permissions"),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", 0, "",
     "the crossed-out microphone"),
    (ANDROID, 5, "", "Tap the lock"),
    (f"{MAC} {LIKE_SAFARI} Version/18.5 Safari/605.1.15", 0, "Apple Computer, Inc.",
     "In the menu Safari"),
    (f"{MAC} {LIKE_SAFARI} Version/18.5 Safari/605.1.15", 5, "Apple Computer, Inc.",
     "Website Settings"),
    (f"{IPHONE} Version/18.5 Mobile/15E148 Safari/604.1", 5, "Apple Computer, Inc.",
     "Website Settings"),
    (f"{IPHONE} CriOS/140.0.7339.39 Mobile/15E148 Safari/604.1", 5, "Apple Computer, Inc.",
     "Open the Settings of the device"),
    ("Something else", 0, "", "address bar or settings"),
]  # fmt: skip
PRETEND = """
  const [userAgent, maxTouchPoints, vendor] = given;
  for (const [name, value] of Object.entries({ userAgent, maxTouchPoints, vendor })) {
    Object.defineProperty(navigator, name, { value, configurable: true });
  }
"""


def test_refusal_is_undone_where_the_browser_has_it(new_browser):
    browser = new_browser(microphone="denied")
    browser.open("/session/new")
    for *pretended, says in REFUSALS:
        browser.wait_for_state("idle")
        browser.run(PRETEND, *pretended)
        browser.press("Start Speaking Session")
        browser.wait_for_text("The microphone is blocked for this page.")
        browser.wait_for_text(says)


@pytest.mark.parametrize("message, says", [
    ("Permission dismissed", "got no answer."),
    ("Permission denied by system", "The system does not let this browser use the microphone."),
])  # fmt: skip
def test_refusal_names_who_has_refused(browser, message, says):
    browser.before_pages(
        f"""navigator.mediaDevices.getUserMedia = async () => {{
          throw new DOMException("{message}", "NotAllowedError");
        }};"""
    )
    browser.open("/session/new")
    browser.press("Start Speaking Session")
    browser.wait_for_text(says)
    assert "blocked" not in browser.text()
