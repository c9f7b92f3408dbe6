"""/session/new: a file in place of a recording."""

import hashlib
import subprocess

import pytest
from kept_takes import kept_takes


@pytest.fixture
def convert(speech, tmp_path):
    """The spoken text in another format."""

    def convert(name, *options):
        made = tmp_path / name
        command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-i", speech, *options, made]
        subprocess.run(command, check=True)
        return made

    return convert


AAC = ["-c:a", "aac"]
KINDS = {
    "speech.mp3": ([], "audio/mpeg"), "speech.m4a": (AAC, "audio/mp4"),
    "speech.mov": (AAC, "audio/mp4"), "speech.3gp": (AAC, "audio/3gpp"),
    "speech.flac": ([], "audio/flac"), "speech.ogg": (["-c:a", "libopus"], "audio/ogg"),
    "speech.aac": (AAC, "audio/aac"), "speech.aiff": ([], "audio/aiff"),
    "speech.wma": ([], "audio/x-ms-wma"), "speech.caf": ([], "audio/x-caf"),
}  # fmt: skip
UNKNOWN_LENGTH = {"speech.aiff", "speech.wma", "speech.caf"}


@pytest.mark.parametrize("name", KINDS)
def test_kind_of_a_file_is_seen_in_its_bytes(browser, choose, convert, db, bucket, name):
    options, type = KINDS[name]
    file = convert(name, *options)
    unnamed = file.rename(file.with_name("speech"))
    choose(unnamed)
    browser.wait_for_text("ready to upload.")
    is_unknown = name in UNKNOWN_LENGTH
    assert ("cannot tell how long it is" in browser.text()) == is_unknown
    # Of raw AAC a browser can only guess it.
    assert browser.by_id("timer").text in ({"-:--"} if is_unknown else {"0:07", "0:08"})
    browser.press("Upload & Analyze")
    data, stored = bucket.get(db.session(browser.wait_for_session())["audioUrl"])
    assert stored == type
    assert data == unnamed.read_bytes()


@pytest.mark.parametrize("change", ["rewritten", "gone"])
def test_file_that_changes_on_disk_is_sent_as_it_was_chosen(
    browser, choose, convert, db, bucket, change
):
    file = convert("speech.mp3")
    chosen = hashlib.sha256(file.read_bytes()).hexdigest()
    choose(file)
    browser.wait_for_text("ready to upload.")
    assert kept_takes(browser)["sha256"] == chosen
    if change == "gone":
        file.unlink()
    else:
        file.write_bytes(b"something else")
    browser.press("Upload & Analyze")
    data, _ = bucket.get(db.session(browser.wait_for_session())["audioUrl"])
    assert hashlib.sha256(data).hexdigest() == chosen


def test_file_that_cannot_be_read_says_so(browser, choose, convert):
    """One in a cloud, say, that is not there after all."""
    browser.before_pages(
        """File.prototype.arrayBuffer = async () => {
          throw new DOMException("", "NotReadableError");
        };"""
    )
    choose(convert("speech.mp3"))
    browser.wait_for_text("This file cannot be read.")
    assert browser.state() == "idle"
    assert kept_takes(browser)["count"] == 0


def test_sound_that_the_browser_has_lost_is_not_the_networks_fault(browser):
    browser.record()
    browser.expected = ["ERR_FILE_NOT_FOUND", "ERR_UPLOAD_FILE_CHANGED", "net::"]
    browser.run(
        """const real = XMLHttpRequest.prototype.send;
        XMLHttpRequest.prototype.send = function () {
          Blob.prototype.arrayBuffer = async () => {
            throw new DOMException("", "NotReadableError");
          };
          this.dispatchEvent(new ProgressEvent("error"));
        };"""
    )
    browser.press("Upload & Analyze")
    browser.wait_for_text("This file cannot be read.")
    assert browser.state() == "stopped"
