"""Every state of the pages, judged by axe-core in light and in dark."""

from pathlib import Path

import axe_core_python
import pytest
from states import STATES, Scene, fill

AXE = next(Path(axe_core_python.__file__).parent.rglob("axe.min.js")).read_text()
RUN = """
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];
  const found = await axe.run(document, { runOnly: tags });
  return found.violations.map(({ id, impact, nodes }) =>
    `${impact} ${id}: ${nodes.map((node) => node.html).join(" ")}`);
"""


@pytest.fixture
def scene(new_browser, door, alice, db, recordings):
    alice.speech = recordings["WebM/Opus"].data
    done = fill(alice, db)
    browser = new_browser(url=door.url, user=alice.user)
    browser.expected = ["status of 404", "status of 413", "status of 503"]
    return Scene(browser, door, alice, done)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_axe_finds_nothing(scene, state):
    state(scene)
    browser = scene.browser
    for scheme in ("light", "dark"):
        feature = {"name": "prefers-color-scheme", "value": scheme}
        browser.cdp("Emulation.setEmulatedMedia", features=[feature])
        browser.driver.execute_script(AXE)
        assert browser.run(RUN) == [], scheme


def test_axe_would_find_something(browser):
    browser.open("/session/new")
    browser.wait_for_state("idle")
    browser.run("document.querySelector('main').append(document.createElement('img'));")
    browser.run("document.getElementById('message').style.color = 'silver';")
    browser.driver.execute_script(AXE)
    found = " ".join(browser.run(RUN))
    assert "image-alt" in found and "color-contrast" in found


def test_nothing_moves_for_those_who_want_that(browser):
    feature = {"name": "prefers-reduced-motion", "value": "reduce"}
    browser.cdp("Emulation.setEmulatedMedia", features=[feature])
    browser.open("/session/new")
    browser.press("Start Speaking Session")
    browser.wait_for_state("recording")
    assert browser.run("return document.getAnimations().length;") == 0


def test_what_happens_is_announced(browser):
    browser.open("/session/new")
    browser.wait_for_state("idle")
    assert browser.by_id("message").aria_role == "status"
    assert browser.run("return document.getElementById('error').getAttribute('role');") == "alert"


def test_nothing_sticks_out_of_a_narrow_phone(scene):
    scene.browser.cdp(
        "Emulation.setDeviceMetricsOverride", width=320, height=700, deviceScaleFactor=1,
        mobile=True,
    )  # fmt: skip
    for path in ("/", "/session/new", f"/session/{scene.done}"):
        scene.browser.open(path)
        scene.browser.wait(lambda: scene.browser.state() != "loading", "the page")
        width = scene.browser.run("return document.documentElement.scrollWidth;")
        assert width <= 320, path
