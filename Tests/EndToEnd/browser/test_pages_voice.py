"""/session/new: whether a voice is too loud, too quiet, silent, or well heard."""

import subprocess

import pytest


@pytest.fixture
def hearing(new_browser, speech, tmp_path):
    """A page that hears the speech so many decibels louder, as the microphone gives it."""

    def hearing(decibels):
        sound = tmp_path / "heard.wav"
        louder = ["-af", f"volume={decibels}dB", sound]
        subprocess.run(
            ["ffmpeg", "-nostdin", "-loglevel", "error", "-i", speech, *louder], check=True
        )
        browser = new_browser(sound=sound)
        browser.before_pages("localStorage.setItem('speaking-sessions-processing', 'off');")
        browser.hasten(3)
        browser.open("/session/new")
        browser.wait_for_state("idle")
        return browser

    return hearing


VOICES = {
    "clear": (0, "We hear you well.", "Speaking... take your time"),
    "quiet": (-33, "We can hardly hear you.", "We can hardly hear you."),
    "silent": (-90, "We cannot hear you.", "We cannot hear you."),
    "too loud": (30, "That is too loud,", "That is too loud,"),
}


@pytest.mark.parametrize("voice", VOICES)
def test_voice_is_judged_before_and_while_recording(hearing, voice):
    decibels, checked, recorded = VOICES[voice]
    page = hearing(decibels)
    page.press("Check the Microphone")
    page.wait_for_state("checking")
    page.wait_for_text(checked)
    page.press("Start Speaking Session")
    page.wait_for_state("recording")
    page.wait(lambda: page.elapsed() >= 8, "8 s")
    page.wait_for_text(recorded)


def test_voice_that_the_browser_still_levels_out_is_not_called_distorted(browser):
    """In its first second it makes a voice too loud, and clips some samples."""
    browser.open("/session/new")
    browser.wait_for_state("idle")
    browser.run(
        """window.seen = [];
        const message = document.getElementById("message");
        const note = () => seen.push(message.textContent);
        new MutationObserver(note).observe(message, { childList: true });"""
    )
    browser.record_here(7)
    seen = browser.run("return seen;")
    assert "Speaking... take your time" in seen
    assert not any(words.startswith("That is too loud") for words in seen), seen


def test_browser_that_cannot_measure_says_so(browser):
    browser.hasten(5)
    browser.before_pages("AudioContext.prototype.createAnalyser = () => { throw new Error(); };")
    browser.open("/session/new")
    browser.press("Check the Microphone")
    browser.wait_for_text("This browser cannot show how loud you are.")


def test_level_meter_that_stands_still_is_not_silence(browser):
    """Safari may call it running after a call."""
    browser.hasten(5)
    browser.before_pages(
        """Object.defineProperty(BaseAudioContext.prototype, "currentTime", { get: () => 1 });
        AnalyserNode.prototype.getFloatTimeDomainData = (samples) => samples.fill(0);"""
    )
    browser.open("/session/new")
    browser.press("Start Speaking Session")
    browser.wait(lambda: browser.elapsed() >= 15, "15 s")
    assert "We cannot hear you" not in browser.text()
    assert "Speaking... take your time" in browser.text()
