"""The pages in WebKit, as far as it can be had on Debian; docs/pages.md says how far that is."""

import pytest
from listening import listen_and_seek
from webkit import DRIVER

pytestmark = pytest.mark.skipif(DRIVER is None, reason="webkit2gtk-driver is not installed")


def test_pages_in_webkit(new_browser, alice, recordings, db):
    take = recordings["WebM/Opus"]
    id = alice.upload(take.data, take.type, duration="1")
    browser = new_browser(user=alice.user, kind="webkit")
    browser.open("/")
    browser.wait_for_state("list")
    browser.open(f"/session/{id}")
    place, length = listen_and_seek(browser, 0.6)
    assert (place, length) == pytest.approx((0.6, 1), abs=0.1)
    browser.record()
    browser.press("Upload & Analyze")
    browser.wait_for_session()
    assert db.session_count(alice.user) == 2
