"""/session/new: what its tab is called while another one is in front."""

import json

from browser import in_both

UNAVAILABLE = (503, {"Retry-After": "2"}, json.dumps({
    "error": "The service is not available", "code": "UNAVAILABLE",
}))  # fmt: skip


@in_both
def test_tab_is_called_by_what_the_page_does(new_browser, door):
    browser = new_browser(url=door.url)
    browser.expected = ["status of 503"]
    browser.open("/session/new")
    browser.wait_for_state("idle")
    assert browser.driver.title == "New Speaking Session"
    browser.press("Start Speaking Session")
    browser.wait(lambda: browser.driver.title == "0:01 · Recording", "a second in the title")
    browser.press("Pause")
    browser.wait_for_state("paused")
    assert browser.driver.title == f"{browser.by_id('timer').text} · Paused"
    browser.press("Stop Session")
    browser.wait_for_state("stopped")
    assert browser.driver.title == "New Speaking Session"
    seen = """window.seen = [];
      const note = () => { if (seen.at(-1) !== document.title) seen.push(document.title); };
      new MutationObserver(note).observe(document.head, { childList: true, subtree: true });
      addEventListener("pagehide", () => sessionStorage.setItem("seen", JSON.stringify(seen)));
    """
    browser.run(seen)
    door.orders = [UNAVAILABLE]
    browser.press("Upload & Analyze")
    browser.wait_for_session()
    titles = json.loads(browser.run("return sessionStorage.getItem('seen');"))
    assert titles[0] == "0% · Uploading"
    assert "Waiting to upload" in titles
    assert titles[-2:] == ["100% · Uploading", "Uploaded"]
