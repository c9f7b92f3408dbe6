"""/session/new: recording, from the first press to the session's page."""

import hashlib

import pytest
from browser import in_both
from kept_takes import kept_takes
from listening import listen_and_seek
from probe import Probe
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

# Puts the microphone's stream into `opened`.
WATCH_MICROPHONE = """{
  const media = navigator.mediaDevices, open = media.getUserMedia.bind(media);
  media.getUserMedia = async (what) => { window.opened = await open(what); return opened; };
}"""
# Lets a file's head come that many milliseconds late, as from a drive elsewhere.
SLOW_FILES = """{
  const real = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "src");
  Object.defineProperty(HTMLMediaElement.prototype, "src", {
    get() { return real.get.call(this); },
    set(url) {
      const delay = this.tagName === "VIDEO" ? MILLISECONDS : 0;
      setTimeout(() => real.set.call(this, url), delay);
    },
  });
}"""


@pytest.fixture
def wav_file(tmp_path):
    file = tmp_path / "take.wav"
    file.write_bytes(wav_of_silence())
    return file


@pytest.mark.smoke
@in_both
def test_from_the_microphone_to_the_list_and_gone(browser, browser_kind, client, db, bucket):
    browser.open("/session/new")
    browser.wait_for_text("Press the button to start your speaking session")
    browser.wait_for("field", "Topic (optional)").send_keys("The <b>market</b> & I\t")
    Select(browser.wait_for("field", "Language")).select_by_visible_text("German")
    browser.press("Start Speaking Session")
    browser.wait_for_text("Speaking... take your time")
    browser.wait(lambda: browser.elapsed() >= 2, "2 s")
    browser.press("Pause")
    browser.wait_for_text("Paused")
    browser.press("Resume")
    browser.wait(lambda: browser.elapsed() >= 4, "4 s")
    browser.press("Stop Session")
    browser.wait_for_text("Session complete! Ready to upload.")
    recorded = kept_takes(browser)
    assert recorded["count"] == 1
    preview = "const audio = document.getElementById('preview'); audio.muted = true; "
    browser.run(preview + "await audio.play();")

    browser.press("Upload & Analyze")
    id = browser.wait_for_session()
    row = db.session(id)
    assert (row["status"], row["topic"], row["language"]) == (
        "UPLOADED", "The <b>market</b> & I", "de",
    )  # fmt: skip
    data, type = bucket.get(row["audioUrl"])
    assert hashlib.sha256(data).hexdigest() == recorded["sha256"]
    format = {"chromium": "webm", "firefox": "ogg"}[browser_kind]
    assert type == f"audio/{format};codecs=opus"
    assert row["audioUrl"].endswith(f".{format}")
    probe = Probe(data)
    assert [stream["codec_name"] for stream in probe.streams] == ["opus"]
    assert abs(probe.seconds - row["durationSecs"]) <= 1
    assert probe.mean_decibels > -40, "it does not hear the speech"
    assert kept_takes(browser)["count"] == kept_takes(browser)["pieces"] == 0

    browser.wait_for_text("The <b>market</b> & I")
    assert abs(listen_and_seek(browser, 2.5)[0] - 2.5) < 0.1

    browser.follow("My sessions")
    browser.wait_for_state("list")
    browser.driver.find_element("css selector", "#sessions a").click()
    browser.wait_for_session()
    browser.press("Delete Session")
    browser.press("Delete")
    browser.wait_for_text("Session deleted")
    assert browser.focused() == "Session deleted"
    assert db.session(id) is None
    assert bucket.get(row["audioUrl"]) is None
    browser.follow("My sessions")
    browser.wait_for_text("Nothing here yet")


@in_both
def test_elapsed_time_stands_still_while_paused(browser):
    browser.open("/session/new")
    browser.press("Start Speaking Session")
    browser.wait(lambda: browser.elapsed() >= 1, "1 s")
    browser.press("Pause")
    browser.wait_for_state("paused")
    before = kept_takes(browser)
    shown = browser.elapsed()
    browser.run("await new Promise((resolve) => setTimeout(resolve, 2500));")
    assert browser.elapsed() == shown
    assert kept_takes(browser)["pieces"] <= before["pieces"] + 1
    browser.press("Stop Session")
    browser.wait_for_state("stopped")
    assert browser.elapsed() - shown in (0, 1), "a whole recording's length is rounded"


def test_level_meter_moves_with_the_voice(browser):
    browser.open("/session/new")
    browser.press("Start Speaking Session")
    levels = """
      return [...document.querySelectorAll("#level span")]
        .map((bar) => Number(bar.style.getPropertyValue("--level")));
    """
    browser.wait(lambda: max(browser.run(levels)) > 0.4, "a loud moment")
    browser.wait(lambda: len(set(browser.run(levels))) > 5, "louder and softer moments")


def test_silence_is_pointed_out(new_browser, tmp_path):
    silence = tmp_path / "silence.wav"
    silence.write_bytes(wav_of_silence())
    browser = new_browser(sound=silence)
    browser.hasten(5)
    browser.open("/session/new")
    browser.press("Start Speaking Session")
    browser.wait_for_text("We cannot hear you")


def wav_of_silence():
    rate, seconds = 48000, 2
    size = rate * seconds * 2
    head = b"RIFF" + (36 + size).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    sizes = [(1, 2), (1, 2), (rate, 4), (rate * 2, 4), (2, 2), (16, 2)]
    head += b"".join(value.to_bytes(width, "little") for value, width in sizes)
    return head + b"data" + size.to_bytes(4, "little") + bytes(size)


@in_both
def test_keyboard_alone_is_enough(browser, client):
    browser.open("/session/new")
    browser.wait_for_state("idle")
    browser.tab_to("Topic (optional)")
    browser.key("By keys")
    browser.tab_to("Start Speaking Session")
    browser.key(Keys.ENTER)
    browser.wait_for_state("recording")
    assert browser.focused() == "Stop Session"
    browser.wait(lambda: browser.elapsed() >= 2, "2 s")
    browser.tab_to("Pause")
    browser.key(Keys.SPACE)
    browser.wait_for_state("paused")
    assert browser.focused() == "Resume"
    browser.key(Keys.ENTER)
    browser.wait_for_state("recording")
    assert browser.focused() == "Stop Session"
    browser.key(Keys.SPACE)
    browser.wait_for_state("stopped")
    assert browser.focused() == "Upload & Analyze"
    browser.key(Keys.ENTER)
    browser.wait_for_session()
    assert client.get().json()["sessions"][0]["topic"] == "By keys"


@in_both
def test_too_short_a_take_is_refused(browser):
    browser.before_pages(WATCH_MICROPHONE)
    browser.before_pages(
        "setInterval(() => window.opened?.active && opened.getTracks()[0].stop(), 50);"
    )
    browser.open("/session/new")
    browser.press("Start Speaking Session")
    browser.wait_for_text("That was too short")
    browser.wait_for("button", "Start Speaking Session")
    assert kept_takes(browser)["count"] == 0


@in_both
def test_discarding_can_be_undone(browser):
    browser.record()
    recorded = kept_takes(browser)
    browser.tab_to("Discard & Retry")
    browser.key(Keys.ENTER)
    browser.wait_for_text("Recording discarded.")
    assert browser.focused() == "Start Speaking Session"
    assert kept_takes(browser)["count"] == 0
    browser.press("Undo")
    browser.wait_for_state("stopped")
    assert kept_takes(browser)["sha256"] == recorded["sha256"]


def test_nothing_else_can_be_begun_while_a_file_is_read(browser, wav_file):
    browser.before_pages(SLOW_FILES.replace("MILLISECONDS", "2000"))
    browser.open("/session/new")
    browser.wait_for_state("idle")
    browser.by_id("file").send_keys(str(wav_file))
    browser.wait_for_state("reading")
    assert browser.find("button", "Start Speaking Session") is None
    assert not browser.by_id("file").is_displayed()
    browser.wait_for_text("ready to upload")
    assert browser.focused() == "Upload & Analyze"
    assert kept_takes(browser)["size"] == wav_file.stat().st_size


def test_file_whose_head_never_comes_is_offered_all_the_same(browser, wav_file):
    browser.before_pages(SLOW_FILES.replace("MILLISECONDS", "1e9"))
    browser.hasten(20)
    browser.open("/session/new")
    browser.wait_for_state("idle")
    browser.by_id("file").send_keys(str(wav_file))
    browser.wait_for_text("ready to upload")


def test_file_chosen_in_mid_recording_leaves_the_recording_alone(browser, wav_file):
    """The dialog that was opened before may stay open beside the page."""
    browser.open("/session/new")
    browser.press("Start Speaking Session")
    browser.wait_for_state("recording")
    browser.by_id("file").send_keys(str(wav_file))
    browser.wait_for_text("Finish this one first")
    browser.wait(lambda: browser.elapsed() >= 3, "3 s")
    assert browser.state() == "recording"
    browser.press("Stop Session")
    browser.wait_for_state("stopped")
    assert kept_takes(browser)["count"] == 1
    assert browser.elapsed() >= 3


def test_microphone_denied(new_browser):
    browser = new_browser(microphone="denied")
    browser.open("/session/new")
    browser.press("Start Speaking Session")
    browser.wait_for_text("The microphone is blocked for this page.")
    browser.wait_for("button", "Start Speaking Session")


def test_microphone_missing(new_browser):
    browser = new_browser(microphone="missing")
    browser.open("/session/new")
    browser.press("Start Speaking Session")
    browser.wait_for_text("No microphone was found.")


@in_both
def test_microphone_goes_away_in_mid_recording(browser):
    browser.before_pages(WATCH_MICROPHONE)
    browser.open("/session/new")
    browser.press("Start Speaking Session")
    browser.wait(lambda: browser.elapsed() >= 2, "2 s")
    # A track that is stopped ends the recorder as one that is unplugged does.
    browser.run("opened.getTracks()[0].stop();")
    browser.wait_for_text("The microphone went away.")
    browser.wait_for("button", "Upload & Analyze")
    assert "Session complete!" not in browser.text()
    assert kept_takes(browser)["count"] == 1


def test_level_meter_that_is_suspended_is_not_silence(browser):
    """A locked screen or a call suspends it, while the recording may go on."""
    browser.hasten(5)
    browser.before_pages(
        """window.AudioContext = class extends AudioContext {
          constructor() { super(); window.context = this; }
          async resume() { throw new DOMException("", "InvalidStateError"); }
        };
        AnalyserNode.prototype.getFloatTimeDomainData = (samples) => samples.fill(0);"""
    )
    browser.open("/session/new")
    browser.press("Start Speaking Session")
    browser.wait_for_state("recording")
    browser.run("await context.suspend();")
    browser.wait(lambda: browser.elapsed() >= 15, "15 s")
    assert "We cannot hear you" not in browser.text()


def test_level_meter_that_cannot_start_takes_nothing_away(browser):
    browser.hasten(5)
    browser.before_pages(
        """window.AudioContext = class {
          constructor() { throw new DOMException("no output", "NotSupportedError"); }
        };"""
    )
    browser.open("/session/new")
    browser.press("Start Speaking Session")
    browser.wait_for_state("recording")
    browser.press("Pause")
    browser.press("Resume")
    browser.wait(lambda: browser.elapsed() >= 10, "10 s")
    assert "We cannot hear you" not in browser.text()
    browser.press("Stop Session")
    browser.wait_for_state("stopped")


@pytest.mark.parametrize("refusal", [
    "MediaRecorder.prototype.start = refuse;",
    "window.MediaRecorder = class extends MediaRecorder { constructor() { refuse(); } };",
], ids=["to start", "altogether"])  # fmt: skip
def test_recorder_that_refuses_lets_go_of_the_microphone(browser, refusal):
    browser.before_pages(
        WATCH_MICROPHONE
        + "const refuse = () => { throw new DOMException('', 'NotSupportedError'); };"
        + refusal
    )
    browser.open("/session/new")
    browser.press("Start Speaking Session")
    browser.wait_for_text("The recording could not be started (NotSupportedError).")
    browser.wait_for("button", "Start Speaking Session")
    assert browser.state() == "idle"
    assert browser.run("return opened.getTracks()[0].readyState;") == "ended"
    assert kept_takes(browser)["count"] == 0


def test_screen_stays_on_again_after_the_page_was_hidden(browser):
    """The browser takes the wake lock from a page that is hidden."""
    browser.before_pages(
        """window.locks = { asked: 0, released: 0 };
        WakeLock.prototype.request = async () => {
          locks.asked += 1;
          return { release: async () => { locks.released += 1; } };
        };"""
    )
    browser.make_hideable()
    browser.open("/session/new")
    browser.press("Start Speaking Session")
    browser.wait(lambda: browser.elapsed() >= 1, "1 s")
    browser.run("hide(true);")
    assert browser.run("return locks.asked;") == 1
    browser.run("hide(false);")
    assert browser.run("return locks.asked;") == 2
    browser.press("Stop Session")
    browser.wait_for_state("stopped")
    browser.run("hide(true); hide(false);")
    assert browser.run("return locks;") == {"asked": 2, "released": 1}


def test_origin_without_https_is_named_as_such(new_browser, stack):
    url = stack.url.replace("127.0.0.1", "recorder.test")
    resolve = "--host-resolver-rules=MAP recorder.test 127.0.0.1"
    browser = new_browser(url=url, arguments=[resolve])
    browser.open("/session/new")
    browser.wait_for_text("HTTPS is needed")
    assert "Browser Not Supported" not in browser.text()
    assert browser.find("button", "Start Speaking Session") is None


@pytest.mark.parametrize("missing", ["window.MediaRecorder", "navigator.mediaDevices"])
def test_browser_without_recording_is_told(browser, missing):
    owner, name = missing.split(".")
    browser.before_pages(f"Object.defineProperty({owner}, '{name}', {{ value: undefined }});")
    browser.open("/session/new")
    browser.wait_for_text("Browser Not Supported")
    assert browser.find("button", "Start Speaking Session") is None
