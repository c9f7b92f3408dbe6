"""The player: on a session's page, and for takes on /session/new."""

import pytest
from browser import in_both
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select
from speech import recorded
from test_pages_across import FIREFOX_WEBM

# How many bars the visible player has; a plain bar is none.
BARS = """
  const [path] = [...document.querySelectorAll(".player:not([hidden]) .heard path")]
    .filter((path) => path.checkVisibility());
  return path.getAttribute("d").split("v").length - 1;
"""
# Counts who fetches all of a recording, and keeps them waiting until `release` is called.
HELD_FETCH = """{
  const fetchAtOnce = window.fetch;
  const released = new Promise((resolve) => { window.release = resolve; });
  window.fetches = 0;
  window.fetch = async (url, options) => {
    if (String(url).endsWith("/audio")) {
      fetches += 1;
      await released;
    }
    return fetchAtOnce(url, options);
  };
}"""
KEPT = "return JSON.parse(localStorage.getItem('speaking-sessions-peaks') ?? '[]');"


# There is no loudspeaker where the tests run, which Firefox takes for a fault of the recording.
MUTE = "document.addEventListener('loadstart', ({ target }) => { target.muted = true; }, true);"


@pytest.fixture
def browser(new_browser):
    browser = new_browser()
    browser.before_pages(MUTE)
    return browser


@pytest.fixture(scope="module")
def take(speech):
    """Eight seconds that say neither how long they are nor where what is."""
    return recorded(speech)


@pytest.fixture
def open_take(browser, client, take):
    """Opens the page of a session that was made elsewhere; returns the session's id."""

    def open_take(sound=take, topic="At the market", duration="8"):
        id = client.upload(sound, "audio/webm", topic=topic, duration=duration)
        browser.open(f"/session/{id}")
        browser.wait_for("button", "Play")
        return id

    return open_take


def slider(browser):
    return browser.driver.find_element("css selector", ".player:not([hidden]) [role=slider]")


def place(browser, id="audio"):
    return browser.by_id(id).get_property("currentTime")


def is_paused(browser, id="audio"):
    return browser.by_id(id).get_property("paused")


def wait_for_length(browser):
    length = "return Number.isFinite(document.getElementById('audio').duration);"
    browser.wait(lambda: browser.run(length), "the length")


def told(browser):
    return slider(browser).get_dom_attribute("aria-valuetext")


@in_both
def test_played_and_sought_by_keys_and_by_pointer(browser, open_take):
    open_take()
    wait_for_length(browser)
    browser.press("Play")
    browser.wait(lambda: place(browser) > 0.3, "sound")
    browser.press("Pause")
    assert is_paused(browser)
    control = slider(browser)
    assert control.accessible_name == "Position"
    control.send_keys(Keys.HOME)
    browser.wait(lambda: told(browser) == "0 seconds of 8 seconds", "the beginning")
    control.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_UP, Keys.ARROW_RIGHT, Keys.ARROW_LEFT)
    browser.wait(lambda: told(browser) == "2 seconds of 8 seconds", "2 s")
    control.send_keys(Keys.PAGE_UP)
    browser.wait(lambda: told(browser) == "8 seconds of 8 seconds", "the end")
    control.send_keys(Keys.PAGE_DOWN)
    browser.wait(lambda: place(browser) == 0, "10 s before it")
    control.send_keys(Keys.END)
    browser.wait(lambda: told(browser) == "8 seconds of 8 seconds", "the end again")
    assert browser.driver.find_element("css selector", ".player .place").text == "0:08"
    browser.press("Back 5 s")
    browser.wait(lambda: 2.5 < place(browser) < 3.5, "5 s before the end")
    ActionChains(browser.driver).move_to_element(control).click().perform()
    middle = browser.by_id("audio").get_property("duration") / 2
    browser.wait(lambda: abs(place(browser) - middle) < 0.3, "the middle")
    reach = control.rect["width"] / 4
    ActionChains(browser.driver).click_and_hold(control).move_by_offset(
        round(reach), 0
    ).release().perform()
    browser.wait(lambda: abs(place(browser) - 1.5 * middle) < 0.3, "three quarters")


@in_both
def test_sought_before_its_length_is_known(browser, open_take):
    browser.before_pages(HELD_FETCH)
    open_take(FIREFOX_WEBM.read_bytes(), duration="3")
    slider(browser).send_keys(Keys.END, Keys.ARROW_LEFT)
    assert told(browser) == "2 seconds of 3 seconds"
    browser.run("release();")
    browser.wait(lambda: place(browser) == 2, "the place")
    browser.press("Play")
    browser.wait(lambda: place(browser) > 2.3, "sound from there")


@in_both
def test_who_listens_while_the_length_is_learned_goes_on_listening(
    browser, browser_kind, open_take, take
):
    browser.before_pages(HELD_FETCH)
    # Each needs the length of what the other knows it of.
    sound = take if browser_kind == "chromium" else FIREFOX_WEBM.read_bytes()
    open_take(sound, duration="8" if browser_kind == "chromium" else "3")
    browser.press("Play")
    browser.wait(lambda: place(browser) > 0.3, "sound")
    browser.run("release();")
    browser.wait(lambda: browser.by_id("audio").get_property("src").startswith("blob:"), "it")
    assert not is_paused(browser)
    before = place(browser)
    assert before >= 0.3
    browser.wait(lambda: place(browser) > before + 0.2, "more sound")


def test_what_cannot_be_played_before_its_length_is_learned_is_played_then(browser, open_take):
    browser.before_pages(HELD_FETCH)
    open_take(FIREFOX_WEBM.read_bytes(), duration="3")
    browser.press("Play")
    failed = "return document.getElementById('audio').error !== null;"
    browser.wait(lambda: browser.run(failed), "the failure")
    assert "cannot be played" not in browser.text()
    browser.run("release();")
    browser.wait(lambda: place(browser) > 0.3, "sound")
    assert "cannot be played" not in browser.text()


def test_what_could_not_be_had_is_asked_for_again_by_play(new_browser, new_client, door, take):
    client = new_client()
    id = client.upload(take, "audio/webm", duration="8")
    door.files[f"/api/sessions/{id}/audio"] = "no sound"
    browser = new_browser(url=door.url, user=client.user)
    browser.open(f"/session/{id}")
    browser.wait_for_text("cannot be played")
    door.files.clear()
    browser.press("Play")
    browser.wait(lambda: place(browser) > 0.3, "sound")
    assert "cannot be played" not in browser.text()


@in_both
def test_speed_is_kept_when_the_source_is_replaced(browser, open_take):
    browser.before_pages(HELD_FETCH)
    open_take(FIREFOX_WEBM.read_bytes(), duration="3")
    speeds = Select(browser.wait_for("field", "Speed"))
    assert [option.text for option in speeds.options] == ["0.5×", "0.75×", "1×", "1.25×", "1.5×"]
    speeds.select_by_visible_text("0.75×")
    browser.run("release();")
    wait_for_length(browser)
    assert browser.by_id("audio").get_property("playbackRate") == 0.75


@in_both
def test_stretch_is_heard_again_and_again(browser, open_take):
    open_take()
    wait_for_length(browser)
    control = slider(browser)
    control.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    browser.wait(lambda: place(browser) == 2, "2 s")
    browser.press("Repeat from Here")
    browser.wait_for_text("Repeats from 0:02: say where to end.")
    browser.press("Repeat to Here")  # nothing lies between
    browser.wait_for_text("say where to end")
    control.send_keys(Keys.ARROW_RIGHT)
    browser.wait(lambda: place(browser) == 3, "3 s")
    browser.press("Repeat to Here")
    browser.wait_for_text("Repeats from 0:02 to 0:03.")
    browser.run(
        """window.places = [];
        const audio = document.getElementById("audio");
        audio.addEventListener("timeupdate", () => places.push(audio.currentTime));"""
    )
    browser.press("Play")
    turns = "return places.filter((place, index) => place < places[index - 1] - 0.5).length;"
    browser.wait(lambda: browser.run(turns) >= 2, "two rounds")
    first, last = browser.run("return [Math.min(...places), Math.max(...places)];")
    assert first >= 1.99 and last < 3.3
    browser.press("Stop Repeating")
    assert browser.focused() == "Repeat from Here"
    assert "Repeats" not in browser.text()
    browser.wait(lambda: place(browser) > 3.5, "what comes after it")


def test_stretch_up_to_the_end(browser, open_take):
    open_take(FIREFOX_WEBM.read_bytes(), duration="3")
    wait_for_length(browser)
    slider(browser).send_keys(Keys.END)
    browser.wait(lambda: place(browser) > 2.9, "the end")
    browser.press("Repeat to Here")
    browser.wait_for_text("Repeats from 0:00 to 0:03.")
    browser.press("Play")
    browser.wait(lambda: place(browser) > 2, "nearly the end")
    browser.wait(lambda: place(browser) < 1, "the beginning")
    assert not is_paused(browser)


def test_what_was_recorded_here_is_drawn_at_once(browser):
    browser.record(2)
    browser.wait_for("button", "Play")
    assert browser.run(BARS) > 20
    length = browser.by_id("timer").text
    assert length == browser.driver.find_element("css selector", ".player .length").text
    browser.open("/session/new")  # it is kept with the take
    browser.wait_for_state("stopped")
    browser.wait_for("button", "Play")
    assert browser.run(BARS) > 20
    browser.press("Play")
    browser.wait(lambda: place(browser, "preview") > 0.3, "sound")
    browser.press("Upload & Analyze")
    id = browser.wait_for_session()
    [[kept, peaks]] = browser.run(KEPT)
    assert kept == id and 20 < len(peaks) < 4096 and len(set(peaks)) > 1
    browser.wait_for("button", "Play")
    assert browser.run(BARS) > 20
    assert browser.driver.find_element("css selector", ".player .length").text == length
    browser.press("Delete Session")
    browser.press("Delete")
    browser.wait_for_text("Session deleted")
    assert browser.run(KEPT) == []


@in_both
def test_take_whose_level_was_not_measured_is_drawn_when_it_is_heard(browser):
    browser.before_pages(
        """window.AudioContext = class {
          constructor() { throw new DOMException("no output", "NotSupportedError"); }
        };"""
    )
    browser.record(2)
    browser.wait_for("button", "Play")
    assert browser.run(BARS) == 0
    browser.press("Play")
    browser.wait(lambda: browser.run(BARS) > 20, "the waveform")
    browser.press("Upload & Analyze")
    id = browser.wait_for_session()
    assert browser.run(KEPT)[0][0] == id


@in_both
def test_what_was_recorded_elsewhere_is_drawn_when_it_is_heard(browser, open_take):
    id = open_take()
    assert browser.run(BARS) == 0
    browser.press("Play")
    browser.wait(lambda: browser.run(BARS) > 20, "the waveform")
    [[kept, peaks]] = browser.run(KEPT)
    assert kept == id and len(set(peaks)) > 5
    browser.open(f"/session/{id}")
    browser.wait_for("button", "Play")
    assert browser.run(BARS) > 20


def test_what_is_long_is_not_fetched_to_be_drawn(browser, open_take):
    browser.before_pages(HELD_FETCH)
    open_take(duration="901")
    browser.press("Play")
    browser.wait(lambda: place(browser) > 0.5, "sound")
    assert browser.run(BARS) == 0
    assert browser.run("return fetches;") == 0


def test_what_cannot_be_decoded_is_a_plain_bar(browser, open_take):
    browser.before_pages(
        """window.refusals = 0;
        BaseAudioContext.prototype.decodeAudioData = async () => {
          refusals += 1;
          throw new DOMException("", "EncodingError");
        };"""
    )
    open_take()
    browser.press("Play")
    browser.wait(lambda: browser.run("return refusals;") == 1, "a try")
    browser.wait(lambda: place(browser) > 0.5, "sound")
    assert browser.run(BARS) == 0


def test_browsers_own_controls_stay_where_ours_do_not_come(new_browser, door, new_client, take):
    door.files = {"/assets/player-controls.js": "throw new Error('broken');"}
    client = new_client()
    browser = new_browser(url=door.url, user=client.user)
    id = client.upload(take, "audio/webm", duration="8")
    browser.open(f"/session/{id}")
    browser.wait_for_state("session")
    wait_for_length(browser)
    audio = browser.by_id("audio")
    assert audio.is_displayed() and audio.get_property("controls")
    browser.record(1)
    assert browser.by_id("preview").is_displayed()


def test_recording_is_saved_under_a_good_name(browser, open_take, take, tmp_path):
    browser.save_into(tmp_path)
    open_take(topic="Sea / Shore")
    browser.follow("Save")
    [file] = browser.wait(lambda: list(tmp_path.glob("*.webm")), "the file")
    assert file.name.startswith("Sea - Shore 2")
    assert file.read_bytes() == take


@in_both
def test_buttons_of_the_system_work(browser, open_take):
    browser.before_pages(
        """window.actions = {};
        MediaSession.prototype.setActionHandler = (name, action) => { actions[name] = action; };"""
    )
    open_take()
    wait_for_length(browser)
    browser.press("Play")
    browser.wait(lambda: place(browser) > 0.1, "sound")
    assert browser.run("return navigator.mediaSession.metadata.title;") == "At the market"
    browser.run("actions.pause({});")
    browser.wait_for("button", "Play")
    browser.run("actions.seekto({ seekTime: 6 });")
    browser.wait(lambda: place(browser) == 6, "6 s")
    browser.run("actions.seekbackward({ seekOffset: 2 }); actions.play({});")
    browser.wait(lambda: 4 < place(browser) < 6, "2 s before it")
    browser.wait_for("button", "Pause")


def test_row_of_the_list_has_a_player_too_and_one_is_heard_at_a_time(browser):
    browser.record(2)
    browser.press("Keep It and Record Another")
    browser.record_here(2)
    browser.press("Play")
    browser.wait(lambda: place(browser, "preview") > 0.1, "sound")
    row = browser.driver.find_element("css selector", "#unsent-list > li")
    row.find_element("css selector", ".buttons .play").click()
    own = row.find_element("css selector", "audio")
    browser.wait(lambda: own.get_property("currentTime") > 0.1, "the other's sound")
    assert is_paused(browser, "preview")
    assert browser.focused() == "Pause"
    assert not row.find_element("css selector", ".buttons .play").is_displayed()


def test_pressed_many_times_it_goes_back_as_often(browser):
    """Elsewhere on that page the second half of a double click does nothing."""
    browser.record(1)
    browser.press("Play")
    back = browser.wait_for("button", "Back 5 s")
    browser.run("const back = document.querySelector('.player .back');"
        "window.presses = 0; back.addEventListener('click', () => { presses += 1; });")  # fmt: skip
    ActionChains(browser.driver).double_click(back).perform()
    assert browser.run("return presses;") == 2


def test_large_enough_for_fingers_on_a_narrow_phone(browser, open_take):
    browser.cdp(
        "Emulation.setDeviceMetricsOverride", width=320, height=700, deviceScaleFactor=1,
        mobile=True,
    )  # fmt: skip
    open_take()
    assert browser.run("return document.documentElement.scrollWidth;") <= 320
    sizes = browser.run(
        """
        const all = [...document.querySelectorAll(".player :is(button, select, a, [role=slider])")];
        return all.filter((element) => element.checkVisibility())
          .map((element) => element.getBoundingClientRect())
          .map(({ width, height }) => [width, height]);
        """
    )
    assert len(sizes) == 7
    assert min(min(size) for size in sizes) >= 44
