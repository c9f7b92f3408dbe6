"""/session/new: uploading, and what goes wrong with it."""

import json

import pytest
from browser import in_both
from kept_takes import kept_takes
from selenium.webdriver.common.keys import Keys

MEBIBYTE = 1024 * 1024


@pytest.fixture
def big_file(tmp_path):
    """Writes a WAV file of that many bytes, whatever is in it."""

    def write(size):
        file = tmp_path / "take.wav"
        file.write_bytes(b"RIFF....WAVE")
        with open(file, "r+b") as opened:
            opened.truncate(size)
        return file

    return write


def error(status, code, text, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, headers, json.dumps({"error": text, "code": code})


@pytest.fixture
def behind_door(new_browser, door):
    """A browser that reaches the site through the door."""
    return new_browser(url=door.url)


def upload_count(db, browser):
    return db.session_count(browser.user)


def test_progress_is_that_of_the_sending_and_then_saving(browser, choose, big_file):
    choose(big_file(3 * MEBIBYTE))
    browser.wait_for_text("take.wav (3.0 MiB): ready to upload.")
    browser.run(
        """
        window.seen = [];
        const text = document.getElementById("progress-text");
        const bar = document.getElementById("progress");
        const note = () => seen.push(`${bar.value} ${text.textContent}`);
        new MutationObserver(note).observe(text, { childList: true });
        sessionStorage.clear();
        addEventListener("pagehide", () => sessionStorage.setItem("seen", JSON.stringify(seen)));
        """
    )
    browser.network(upload_bytes_per_second=2 * MEBIBYTE)
    browser.press("Upload & Analyze")
    browser.wait_for_session()
    seen = json.loads(browser.run("return sessionStorage.getItem('seen');"))
    shares = [float(line.split()[0]) for line in seen if "sent" in line and "MiB of" in line]
    assert shares == sorted(shares)
    assert len([share for share in shares if 0.05 < share < 0.95]) >= 2, seen
    assert "saving" in seen[-1]


def test_cancelled_upload_is_kept_and_can_be_sent_later(browser, choose, big_file, db):
    choose(big_file(3 * MEBIBYTE))
    browser.wait_for_state("stopped")
    browser.network(upload_bytes_per_second=MEBIBYTE // 2)
    assert browser.focused() == "Upload & Analyze"
    browser.key(Keys.ENTER)
    browser.wait(lambda: browser.by_id("progress").get_property("value") > 0.05, "progress")
    assert browser.focused() == "Cancel"
    browser.key(Keys.ENTER)
    browser.wait_for_text("Your recording is kept in this browser.")
    assert browser.focused() == "Upload & Analyze"
    assert not upload_count(db, browser)
    browser.network()
    browser.press("Upload & Analyze")
    browser.wait_for_session()
    assert upload_count(db, browser) == 1


def test_too_large_a_file_is_refused_before_sending(browser, choose, big_file, db):
    choose(big_file(51 * MEBIBYTE))
    browser.wait_for_text("This recording has 51.0 MiB. At most 50.0 MiB can be uploaded.")
    assert browser.state() == "idle"
    assert kept_takes(browser)["count"] == 0


def test_too_large_a_file_is_refused_by_the_server_too(browser, choose, big_file, db):
    """The page is made to believe that the file is small."""
    browser.before_pages("Object.defineProperty(Blob.prototype, 'size', { get: () => 1000 });")
    browser.expected = ["status of 413"]
    choose(big_file(51 * MEBIBYTE))
    browser.press("Upload & Analyze")
    browser.wait(lambda: browser.by_id("error").text, "the server's words", seconds=60)
    assert "50 MiB" in browser.by_id("error").text
    assert not db.value(
        "SELECT count(*) FROM speaking_sessions s JOIN users u ON u.id = s.\"userId\""
        " WHERE u.\"externalId\" = %s AND status = 'UPLOADED'", browser.user
    )  # fmt: skip


@pytest.mark.parametrize("name, says", [
    ("empty.wav", "This file is empty."), ("text.txt", "This is not an audio file."),
    ("text.mp3", "These are taken: MP3, M4A, WAV"), ("unnamed", "This is not an audio file."),
])  # fmt: skip
def test_file_that_is_no_recording(browser, choose, tmp_path, name, says):
    (tmp_path / name).write_bytes(b"" if name.startswith("empty") else b"words")
    choose(tmp_path / name)
    browser.wait_for_text(says)


def test_file_that_a_browser_recorded_gets_its_length(browser, choose, tmp_path, recordings, db):
    """A .webm file is video/webm to the browser, and its head does not say how long it is."""
    file = tmp_path / "take.webm"
    file.write_bytes(recordings["WebM/Opus"].data)
    choose(file)
    browser.press("Upload & Analyze")
    row = db.session(browser.wait_for_session())
    assert row["durationSecs"] == 1
    assert row["audioUrl"].endswith(".webm")


def test_owners_rule_is_told_in_its_words_and_the_next_try_works(behind_door, door, db):
    browser = behind_door
    browser.expected = ["status of 403"]
    browser.record()
    door.orders = [error(403, "UPLOAD_REFUSED", "Agree to the terms first.")]
    browser.press("Upload & Analyze")
    browser.wait_for_text("Agree to the terms first.")
    browser.wait_for_text("Your recording is kept in this browser.")
    browser.press("Upload & Analyze")
    browser.wait_for_session()
    keys = [headers["Idempotency-Key"] for headers in door.uploads]
    assert len(keys) == 2 and len(set(keys)) == 1
    assert upload_count(db, browser) == 1


@in_both
def test_error_of_the_server_is_shown_and_the_next_try_works(behind_door, door, db):
    browser = behind_door
    browser.expected = ["status of 500"]
    browser.record()
    door.orders = [error(500, "INTERNAL_ERROR", "Failed to create session")]
    browser.press("Upload & Analyze")
    browser.wait_for_text("Something went wrong on our side.")
    browser.wait_for_text("Your recording is kept in this browser.")
    browser.press("Upload & Analyze")
    browser.wait_for_session()
    assert upload_count(db, browser) == 1


@pytest.mark.parametrize("order", [
    error(429, "RATE_LIMITED", "Too many uploads for now", Retry_After="4"),
    error(502, "UNAVAILABLE", "Not available"),
    error(503, "OVERLOADED", "The server has too much to do", Retry_After="4"),
    error(504, "TIMEOUT", "Took too long"),
    error(408, "REQUEST_TIMEOUT", "The upload took too long to arrive", Retry_After="4"),
    error(507, "INSUFFICIENT_STORAGE", "The server has no room", Retry_After="4"),
], ids=lambda order: str(order[0]))  # fmt: skip
def test_failure_that_passes_is_tried_again_by_itself(behind_door, door, db, order):
    browser = behind_door
    browser.expected = [f"status of {order[0]}"]
    browser.record()
    door.orders = [order]
    browser.press("Upload & Analyze")
    if "Retry-After" in order[1] and order[0] != 408:  # which Chromium tries again by itself
        browser.wait_for_text("Trying again in")
        assert json.loads(order[2])["error"] in browser.text()
    browser.wait_for_session()
    keys = [headers["Idempotency-Key"] for headers in door.uploads]
    assert len(keys) == 2 and len(set(keys)) == 1
    assert upload_count(db, browser) == 1


@in_both
def test_take_whose_answer_got_lost_does_not_become_two(behind_door, door, db):
    browser = behind_door
    browser.expected = ["ERR_EMPTY_RESPONSE"]
    browser.record()
    door.orders = ["lose the answer"]
    browser.press("Upload & Analyze")
    browser.wait_for_session()
    assert len(door.uploads) == 2
    assert upload_count(db, browser) == 1


def test_waiting_can_be_cut_short(behind_door, door):
    browser = behind_door
    browser.expected = ["status of 429"]
    browser.record()
    door.orders = [error(429, "RATE_LIMITED", "Too many uploads", Retry_After="100000")]
    browser.press("Upload & Analyze")
    browser.wait_for_text("Trying again in 60 minutes.")
    browser.press("Try Now")
    browser.wait_for_session()


def test_trying_again_ends_and_the_button_remains(behind_door, door, db):
    browser = behind_door
    browser.expected = ["status of 503"]
    browser.hasten(50)
    browser.record(20)  # hastened: half a second
    door.orders = [error(503, "OVERLOADED", "Too much work")] * 7
    browser.press("Upload & Analyze")
    browser.wait_for_state("uploading")
    browser.wait_for_state("stopped")
    assert "The server has too much to do." in browser.text()
    assert len(door.uploads) == 7
    browser.press("Upload & Analyze")
    browser.wait_for_session()
    assert upload_count(db, browser) == 1


def test_first_try_that_is_still_being_saved_is_waited_for(behind_door, door, db):
    """Its lease outlives a server that died, however often the page comes back meanwhile."""
    browser = behind_door
    browser.expected = ["status of 409"]
    browser.hasten(20)
    browser.record(20)
    door.orders = [still_saved(Retry_After="10") for _ in range(9)]
    browser.press("Upload & Analyze")
    browser.wait_for_text("The first try is still being saved.")
    browser.wait_for_text("Trying again in 1")
    browser.wait_for_session()
    keys = [headers["Idempotency-Key"] for headers in door.uploads]
    assert len(keys) == 10 and len(set(keys)) == 1
    assert upload_count(db, browser) == 1


def test_first_try_is_waited_for_five_minutes(behind_door, door):
    browser = behind_door
    browser.expected = ["status of 409"]
    browser.hasten(50)
    browser.record(20)
    door.orders = [still_saved(Retry_After="100") for _ in range(9)]
    browser.press("Upload & Analyze")
    browser.wait_for_state("uploading")
    browser.wait_for_state("stopped")
    assert "The first try is still being saved." in browser.text()
    assert len(door.uploads) == 4


def still_saved(**headers):
    return error(409, "IDEMPOTENCY_IN_PROGRESS", "It is still running", **headers)


@pytest.mark.parametrize("body", ["", "<p>Created</p>", "null", "{}"])
def test_answer_that_cannot_be_read_is_no_answer(behind_door, door, db, body):
    browser = behind_door
    browser.record()
    door.orders = [(201, {}, body)] * 2  # after the second it waits for longer
    browser.press("Upload & Analyze")
    browser.wait_for_text("Something else answered in the server's place.")
    browser.hurry()
    browser.wait_for_session()
    assert len(door.uploads) == 3
    assert upload_count(db, browser) == 1


@pytest.mark.parametrize("order", [
    error(413, "INVALID_FILE", "The file is larger than 50 MiB (52428800 bytes)"),
    error(401, "UNAUTHORIZED", "Sign in first"), "nothing is sent",
], ids=["413", "401", "nothing is sent"])  # fmt: skip
def test_topic_can_be_changed_after_a_try_of_which_nothing_came(behind_door, door, order):
    browser = behind_door
    browser.expected = ["status of 413", "status of 401", "status of 500"]
    browser.record()
    if order == "nothing is sent":
        door.api_order = error(500, "INTERNAL_ERROR", "Something went wrong")
    else:
        door.orders = [order]
    browser.press("Upload & Analyze")
    browser.wait_for_state("stopped")
    browser.wait(lambda: browser.by_id("error").text, "the reason")
    assert browser.by_id("topic").is_enabled()
    if order != "nothing is sent" and order[0] == 401:
        return  # the browser has forgotten the password, too
    browser.by_id("topic").send_keys("Said later")
    door.api_order = None
    browser.press("Upload & Analyze")
    browser.wait_for_session()
    browser.wait_for_text("Said later")


def test_topic_is_settled_once_the_take_was_sent(behind_door, door):
    browser = behind_door
    browser.expected = ["status of 500"]
    browser.record()
    door.orders = [error(500, "INTERNAL_ERROR", "Failed to create session")]
    assert browser.by_id("topic").is_enabled()
    browser.press("Upload & Analyze")
    browser.wait_for_text("Something went wrong on our side.")
    assert not browser.by_id("topic").is_enabled()


def test_program_is_stopped_in_mid_upload_and_started_again(new_browser, sites, big_file, db):
    site = sites.client("stopped-in-mid-upload")
    browser = new_browser(url=site.url, user=site.user)
    browser.expected = ["status of 502", "status of 503"]
    browser.open("/session/new")
    browser.wait_for_state("idle")
    browser.by_id("file").send_keys(str(big_file(2 * MEBIBYTE)))
    browser.wait_for_state("stopped")
    before = upload_count(db, browser) or 0
    # So slowly that nginx has it whole only after the end, or it would be served still on a
    # connection that nginx has kept.
    browser.network(upload_bytes_per_second=MEBIBYTE // 10)
    browser.press("Upload & Analyze")
    browser.wait(lambda: browser.by_id("progress").get_property("value") > 0.1, "progress")
    site.responder.terminate()
    browser.network()
    browser.wait_for_text("Trying again in")
    site.responder.start()
    browser.wait_for_session(seconds=60)
    assert upload_count(db, browser) == before + 1


def test_offline_and_back(browser, db):
    browser.record()
    browser.expected = ["ERR_INTERNET_DISCONNECTED"]
    browser.network(offline=True)
    browser.press("Upload & Analyze")
    browser.wait_for_text("The server cannot be reached. Are you online?")
    browser.wait_for_text("Trying again once you are online.")
    assert kept_takes(browser)["count"] == 1
    browser.network()
    browser.wait_for_session()
    assert upload_count(db, browser) == 1


def test_browser_that_is_wrong_about_being_offline(behind_door, door):
    """One with a VPN, say: whoever answers is there, and whoever does not is asked again."""
    browser = behind_door
    browser.expected = ["status of 503", "ERR_INTERNET_DISCONNECTED"]
    browser.hasten(5)
    browser.before_pages(
        """Object.defineProperty(navigator, "onLine", { get: () => false });
        addEventListener("online", (event) => event.stopImmediatePropagation(), true);"""
    )
    browser.record(10)
    overloaded = error(503, "OVERLOADED", "The server has too much to do", Retry_After="20")
    door.orders = [overloaded]
    browser.press("Upload & Analyze")
    browser.wait_for_text("Trying again in")
    browser.network(offline=True)
    browser.wait_for_text("Trying again once you are online.")
    browser.network()
    browser.wait_for_session()
    assert len(door.uploads) == 2


def test_fault_of_the_page_is_not_told_as_the_networks(browser, db):
    browser.before_pages(
        "XMLHttpRequest.prototype.setRequestHeader = () => undefined.there_is_none;"
    )
    browser.expected = ["TypeError"]
    browser.record()
    browser.press("Upload & Analyze")
    browser.wait_for_text("Something in this page went wrong (TypeError).")
    assert browser.state() == "stopped"
    assert kept_takes(browser)["count"] == 1
    assert not upload_count(db, browser)


def test_browser_without_the_youngest_conveniences(browser, db):
    """Safari 15.4."""
    browser.before_pages("delete AbortSignal.timeout; delete AbortSignal.any;")
    browser.record()
    browser.press("Upload & Analyze")
    browser.wait_for_session()
    assert upload_count(db, browser) == 1


@pytest.mark.parametrize("path", ["/", "/session/new"])
def test_browser_that_is_too_old_is_told(browser, path):
    browser.before_pages("delete AbortSignal.prototype.throwIfAborted;")
    browser.open(path)
    old = browser.driver.find_element("css selector", ".old")
    browser.wait(lambda: "Safari 15.4" in old.text, "what it takes")
    assert not browser.driver.find_element("css selector", "main").is_displayed()


@in_both
def test_signed_out_in_mid_session(behind_door, door):
    browser = behind_door
    browser.expected = ["status of 401"]
    browser.record()
    door.orders = [error(401, "UNAUTHORIZED", "Sign in first")]
    browser.press("Upload & Analyze")
    browser.wait_for_text("Sign in first.")
    browser.wait_for("link", "Sign in again")
    assert "Your recording is kept in this browser." in browser.text()
    assert kept_takes(browser)["count"] == 1
