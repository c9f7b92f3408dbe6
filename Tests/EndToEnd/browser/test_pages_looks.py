"""How the pages look where colours, paper, scripts or pointers are others than usual."""

import pytest
from states import (
    Scene,
    fill,
    new_idle,
    new_recording,
    new_settings,
    session_listened_to,
    session_takes,
)

# Whether the background of what the selector finds differs from the page's.
STANDS_OUT = """
  const [selector, pseudo] = given;
  const { backgroundColor, width } = getComputedStyle(document.querySelector(selector), pseudo);
  const { backgroundColor: ground } = getComputedStyle(document.documentElement);
  return width !== "0px" && backgroundColor !== ground
    && backgroundColor !== "rgba(0, 0, 0, 0)";
"""
# What a finger would miss. A checkbox is pressed by its label.
TOO_SMALL = """
  const pressed = document.querySelectorAll(
    "a, button, select, summary, input:not([type=checkbox]), label:has([type=checkbox])");
  const isTooSmall = (element) => {
    const { width, height } = element.getBoundingClientRect();
    return element.checkVisibility() && Math.min(width, height) < 44;
  };
  return [...pressed].filter(isTooSmall).map((element) => element.outerHTML);
"""


@pytest.fixture
def scene(new_browser, door, alice, db, recordings):
    alice.speech = recordings["WebM/Opus"].data
    done = fill(alice, db)
    return Scene(new_browser(url=door.url, user=alice.user), door, alice, done)


def force_colours(browser):
    feature = {"name": "forced-colors", "value": "active"}
    browser.cdp("Emulation.setEmulatedMedia", features=[feature])
    assert browser.run("return matchMedia('(forced-colors: active)').matches;")


def test_meter_and_glyphs_are_there_in_forced_colours(scene):
    force_colours(scene.browser)
    new_idle(scene)
    assert scene.browser.run(STANDS_OUT, "#start", "::before")
    new_recording(scene)
    assert scene.browser.run(STANDS_OUT, "#level span", None)
    assert scene.browser.run(STANDS_OUT, "#stop", "::before")


def test_waveform_is_there_in_forced_colours(scene):
    force_colours(scene.browser)
    session_listened_to(scene)
    colours = """
      const strokes = [".ahead", ".heard"].map((name) => document.querySelector(name));
      const { backgroundColor } = getComputedStyle(document.documentElement);
      return [...strokes.map((svg) => getComputedStyle(svg).stroke), backgroundColor];
    """
    assert len(set(scene.browser.run(colours))) == 3


def test_current_page_is_told_in_forced_colours(scene):
    force_colours(scene.browser)
    new_idle(scene)
    colours = scene.browser.run(
        """
        const links = [...document.querySelectorAll(".bar nav a")];
        return links.map((link) => getComputedStyle(link).borderBottomColor);
        """
    )
    assert len(set(colours)) == len(colours) == 2


@pytest.mark.parametrize("state", [new_settings, session_takes])
def test_fingers_find_what_is_pressed(scene, state):
    scene.browser.cdp(
        "Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=1,
        mobile=True,
    )  # fmt: skip
    state(scene)
    assert scene.browser.run(TOO_SMALL) == []


def test_session_on_paper(scene):
    browser = scene.browser
    dark = {"name": "prefers-color-scheme", "value": "dark"}
    browser.cdp("Emulation.setEmulatedMedia", media="print", features=[dark])
    browser.open(f"/session/{scene.done}")
    browser.wait_for_text("I buyed some apples")
    visible = browser.run(
        """
        const all = [...document.querySelectorAll("nav, button, select, audio, .button")];
        return all.filter((element) => element.checkVisibility()).length;
        """
    )
    assert visible == 0
    ink = browser.run("return getComputedStyle(document.querySelector('article')).color;")
    assert ink == "rgb(27, 29, 38)"


@pytest.mark.parametrize("path", ["/", "/session/new", "/session/any"])
def test_without_scripts_nothing_loads_for_ever(scene, path):
    scene.browser.cdp("Emulation.setScriptExecutionDisabled", value=True)
    scene.browser.open(path)
    text = scene.browser.driver.find_element("css selector", "body").text
    assert "These pages need JavaScript" in text
    assert "Loading" not in text and "Start" not in text
