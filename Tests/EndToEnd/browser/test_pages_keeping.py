"""A take that the server does not have yet survives whatever happens to the page."""

import hashlib
import os
import signal

from browser import in_both
from kept_takes import kept_takes
from probe import Probe
from proxy import Proxy

WARNS = """
  const leaving = new Event("beforeunload", { cancelable: true });
  window.dispatchEvent(leaving);
  return leaving.defaultPrevented;
"""


def test_tab_closed_in_mid_upload_and_reopened(new_browser, stack, tmp_path, db, bucket):
    file = tmp_path / "take.wav"
    file.write_bytes(b"RIFF....WAVE" + os.urandom(20_000_000))
    with Proxy("127.0.0.1", stack.port) as network:
        browser = new_browser(url=f"http://{network.address}")
        browser.open("/session/new")
        browser.wait_for_state("idle")
        browser.by_id("file").send_keys(str(file))
        browser.wait_for_state("stopped")
        browser.network(upload_bytes_per_second=5_000_000)
        browser.press("Upload & Analyze")
        browser.wait(lambda: browser.by_id("progress").get_property("value") > 0.1, "progress")
        network.set_mode("hang")
        first = browser.driver.current_window_handle
        browser.open_tab()
        second = browser.driver.current_window_handle
        browser.show_tab(first)
        browser.cdp("Page.close")
        browser.show_tab(second)
        network.set_mode("forward")
        browser.open("/session/new")
        browser.wait_for_text("has not been uploaded yet.")
        browser.press("Upload & Analyze")
        row = db.session(browser.wait_for_session())
        browser.driver.get("about:blank")  # else it misses the network when that goes
    assert db.session_count(browser.user) == 1
    data, _ = bucket.get(row["audioUrl"])
    assert hashlib.sha256(data).digest() == hashlib.sha256(file.read_bytes()).digest()


def test_browser_killed_in_mid_recording(new_browser, db, tmp_path):
    profile = tmp_path / "profile"
    browser = new_browser(profile=profile)
    browser.open("/session/new")
    browser.press("Start Speaking Session")
    browser.wait(lambda: browser.elapsed() >= 4, "4 s")
    browser.wait(lambda: kept_takes(browser)["pieces"] >= 3, "three pieces")
    os.kill(browser.process.pid, signal.SIGKILL)
    browser.driver.service.stop()

    reopened = new_browser(user=browser.user, profile=profile)
    reopened.open("/")
    reopened.wait_for_text("1 recording has not been uploaded yet.")
    reopened.follow("Show")
    reopened.wait_for_text("has not been uploaded yet.")
    assert reopened.elapsed() >= 2
    reopened.press("Upload & Analyze")
    assert db.session(reopened.wait_for_session())["durationSecs"] >= 2


LEAVES = """{
  const start = MediaRecorder.prototype.start;
  MediaRecorder.prototype.start = function (...given) {
    let size = 0;
    this.addEventListener("dataavailable", ({ data }) => {
      size += data.size;
      localStorage.setItem("recorded", size);
    });
    this.addEventListener("stop", () => location.assign("about:blank"));
    return start.apply(this, given);
  };
}"""


@in_both
def test_page_left_as_the_recording_ends(browser):
    browser.before_pages(LEAVES)
    browser.open("/session/new")
    browser.press("Start Speaking Session")
    browser.wait(lambda: browser.elapsed() >= 1, "1 s")
    browser.press("Stop Session")
    browser.wait(lambda: browser.driver.current_url == "about:blank", "the page's end")
    browser.open("/")
    recorded = int(browser.run("return localStorage.getItem('recorded')"))
    assert kept_takes(browser)["size"] == recorded


def test_leaving_is_warned_of_while_something_is_unsent(browser):
    browser.open("/session/new")
    browser.wait_for_state("idle")
    assert not browser.run(WARNS)
    browser.press("Start Speaking Session")
    browser.wait(lambda: browser.elapsed() >= 1, "1 s")
    assert browser.run(WARNS)
    browser.press("Pause")
    assert browser.run(WARNS)
    browser.press("Stop Session")
    browser.wait_for_state("stopped")
    assert not browser.run(WARNS), "it is kept"
    browser.press("Discard & Retry")
    browser.wait_for_state("idle")
    assert not browser.run(WARNS)


def test_page_that_has_nothing_yet_can_be_left(browser):
    browser.before_pages("IDBFactory.prototype.open = () => ({});")  # of which nothing comes
    browser.open("/session/new")
    assert browser.state() == "loading"
    assert not browser.run(WARNS)


def test_another_tab_does_not_offer_what_is_being_recorded_here(browser):
    browser.open("/session/new")
    browser.press("Start Speaking Session")
    browser.wait(lambda: browser.elapsed() >= 2, "2 s")
    browser.open_tab()
    browser.open("/session/new")
    browser.wait_for_state("idle")
    assert kept_takes(browser)["count"] == 1
    assert "not been uploaded" not in browser.text()


def test_several_takes_are_kept_and_each_is_offered(browser, db):
    browser.open("/session/new")
    for _ in range(2):
        browser.record_here()
        browser.press("Keep It and Record Another")
        browser.wait_for_state("idle")
    browser.wait_for_text("2 recordings have not been uploaded yet.")
    browser.press("Show")
    browser.press("Upload & Analyze")
    browser.wait_for_session()
    browser.open("/session/new")
    browser.wait_for_text("has not been uploaded yet.")
    browser.press("Upload & Analyze")
    browser.wait_for_session()
    assert db.session_count(browser.user) == 2
    assert kept_takes(browser)["count"] == 0


def test_browser_that_keeps_nothing_says_so_and_uploads_all_the_same(browser, db):
    browser.before_pages("Object.defineProperty(window, 'indexedDB', { value: undefined });")
    browser.open("/session/new")
    browser.wait_for_text("This browser keeps nothing")
    browser.press("Start Speaking Session")
    browser.wait(lambda: browser.elapsed() >= 2, "2 s")
    browser.press("Stop Session")
    browser.wait_for_state("stopped")
    assert browser.run(WARNS)
    browser.press("Upload & Analyze")
    browser.wait_for_session()
    assert db.session_count(browser.user) == 1


def test_browser_that_is_full_goes_on_in_memory(browser, db, bucket):
    browser.before_pages(
        """{
          const put = IDBObjectStore.prototype.put;
          let left = 4;
          IDBObjectStore.prototype.put = function (value) {
            if (left-- <= 0) throw new DOMException("full", "QuotaExceededError");
            return put.call(this, value);
          };
        }"""
    )
    browser.open("/session/new")
    browser.press("Start Speaking Session")
    browser.wait_for_text("This browser keeps nothing")
    browser.wait(lambda: browser.elapsed() >= 4, "4 s")
    browser.press("Stop Session")
    browser.press("Upload & Analyze")
    row = db.session(browser.wait_for_session())
    assert Probe(bucket.get(row["audioUrl"])[0]).seconds >= 3.5
    assert kept_takes(browser)["count"] == 0


def test_browser_that_never_answers_after_a_failure_uploads_all_the_same(browser, db):
    """As WebKit does where nothing outlives its windows."""
    browser.before_pages(
        """{
          const { transaction } = IDBDatabase.prototype;
          let isStuck = false;
          IDBObjectStore.prototype.put = () => {
            isStuck = true;
            throw new DOMException("stuck", "UnknownError");
          };
          IDBDatabase.prototype.transaction = function (...given) {
            return isStuck ? { objectStore: () => ({ delete() {} }), commit() {} }
              : transaction.apply(this, given);
          };
        }"""
    )
    browser.record()
    browser.press("Upload & Analyze")
    browser.wait_for_session()
    assert db.session_count(browser.user) == 1


def test_take_that_may_be_stored_long_since_says_so(new_browser, door):
    """The server forgets an Idempotency-Key after a day."""
    browser = new_browser(url=door.url)
    browser.expected = ["status of 500"]
    browser.record()
    door.orders = [(500, {}, "{}")]
    browser.press("Upload & Analyze")
    browser.press("Keep It and Record Another")
    browser.press("Show")
    browser.wait_for_text("has not been uploaded yet.")
    day = 24 * 3600 * 1000
    browser.before_pages(f"{{ const now = Date.now; Date.now = () => now() + {day}; }}")
    browser.open("/session/new")
    browser.wait_for_text("may have been uploaded already: see My sessions.")
    assert browser.state() == "stopped"


def test_going_back_after_an_upload_shows_a_fresh_page(browser):
    browser.record()
    browser.press("Upload & Analyze")
    browser.wait_for_session()
    browser.driver.back()
    browser.wait_for_state("idle")
