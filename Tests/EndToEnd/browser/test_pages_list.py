"""/: the user's sessions, newest first."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from browser import in_both
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from stack.directory import ROOT

HTML = ROOT / "nginx" / "html"


def topics(browser):
    rows = browser.driver.find_elements("css selector", "#sessions .topic")
    return [row.text for row in rows]


def test_nobody_has_sessions_at_first(browser):
    browser.open("/")
    browser.wait_for_text("Nothing here yet")
    browser.follow("Record Your First Session")
    browser.wait_for("button", "Start Speaking Session")


def test_pages_of_ten_newest_first(browser, client):
    for number in range(1, 24):
        client.upload(topic=f"Topic {number}")
    browser.open("/")
    browser.wait_for_text("Page 1 of 3")
    assert topics(browser) == [f"Topic {number}" for number in range(23, 13, -1)]
    assert browser.find("link", "Newer") is None
    browser.follow("Older")
    browser.wait_for_text("Page 2 of 3")
    browser.follow("Older")
    browser.wait_for_text("Page 3 of 3")
    assert topics(browser) == ["Topic 3", "Topic 2", "Topic 1"]
    assert browser.find("link", "Older") is None
    browser.follow("Newer")
    browser.wait_for_text("Page 2 of 3")
    assert urlsplit(browser.driver.current_url).query == "page=2"
    browser.open("/?page=9")
    browser.wait_for_text("No sessions on this page")
    browser.follow("Go to the newest")
    browser.wait_for_text("Page 1 of 3")


def test_row_says_what_it_is_and_leads_there(browser, client, db):
    id = client.upload(topic="A day at sea", duration="65", language="nl")
    db.execute("UPDATE speaking_sessions SET status = 'ANALYZING' WHERE id = %s", [id])
    browser.open("/")
    for text in ("A day at sea", "1:05", "Dutch", "Analyzing"):
        browser.wait_for_text(text)
    browser.driver.find_element("css selector", "#sessions a").click()
    assert browser.wait_for_session() == id


def test_server_that_is_down(new_browser, sites):
    site = sites.client("lister-in-bad-times")
    browser = new_browser(url=site.url, user=site.user)
    browser.expected = ["status of 502", "status of 503"]
    site.responder.terminate()
    browser.open("/")
    browser.wait_for_text("Your sessions cannot be shown")
    browser.wait_for_text("The service is not available")
    site.responder.start()
    assert site.responder.wait_until_ready(20)
    browser.press("Try Again")
    browser.wait_for_text("Nothing here yet")


def test_page_of_some_network_in_the_servers_place(new_browser, door):
    browser = new_browser(url=door.url)
    door.api_order = 200, {"Content-Type": "text/html"}, "<p>Sign in to this network</p>"
    browser.open("/")
    browser.wait_for_text("Something else answered in the server's place.")
    door.api_order = None
    browser.press("Try Again")
    browser.wait_for_text("Nothing here yet")


# Looking for some of them


@pytest.fixture
def finder(new_browser, alice, door):
    """A browser that reaches the site through the door."""
    return new_browser(url=door.url, user=alice.user)


@pytest.fixture
def various(alice, db):
    """Twelve sessions about the sea, and three others."""
    for number in range(12):
        alice.upload(topic=f"The SEA, part {number}")
    alice.upload(topic="A film", language="de")
    for topic in ("The sea at night", "Seaside"):
        failed = alice.upload(topic=topic, language="de")
        db.execute("UPDATE speaking_sessions SET status = 'FAILED' WHERE id = %s", [failed])


def asked(browser):
    return {k: v[0] for k, v in parse_qs(urlsplit(browser.driver.current_url).query).items()}


def wait_for_topics(browser, wanted):
    browser.wait(lambda: topics(browser) == wanted, wanted)


@in_both
def test_sessions_are_found_by_topic_status_and_language(finder, various):
    finder.open("/")
    finder.wait_for_text("Page 1 of 2")
    finder.tab_to("Topic")
    finder.key("SEA")
    finder.wait_for_text("14 sessions found")
    assert finder.focused() == "Topic" and asked(finder) == {"q": "SEA"}
    finder.follow("Older")
    finder.wait_for_text("Page 2 of 2")
    assert asked(finder) == {"q": "SEA", "page": "2"}
    assert finder.find("field", "Topic").get_property("value") == "SEA"
    Select(finder.find("field", "Status")).select_by_visible_text("Failed")
    wait_for_topics(finder, ["Seaside", "The sea at night"])
    assert asked(finder) == {"q": "SEA", "status": "FAILED"}
    finder.tab_to("Topic")
    finder.key(" at", Keys.ENTER)
    finder.wait_for_text("1 session found")
    finder.driver.find_element("css selector", "#sessions a").click()
    finder.wait_for_session()
    finder.driver.back()
    wait_for_topics(finder, ["The sea at night"])
    finder.driver.refresh()
    wait_for_topics(finder, ["The sea at night"])
    finder.press("Show All")
    finder.wait_for_text("Page 1 of 2")
    assert finder.focused() == "Topic" and asked(finder) == {}
    assert "found" not in finder.text()
    Select(finder.find("field", "Language")).select_by_visible_text("German")
    wait_for_topics(finder, ["Seaside", "The sea at night", "A film"])


def test_what_is_not_there_is_told_and_can_be_cleared(finder, various):
    finder.open("/?q=100%25&status=DONE&language=sv")
    finder.wait_for_text("Nothing found")
    assert finder.by_id("found").text == "0 sessions found"
    assert finder.by_id("found").aria_role == "status"
    assert Select(finder.find("field", "Language")).first_selected_option.text == "Swedish"
    finder.press("Show All")
    finder.wait_for_text("Page 1 of 2")


def test_there_is_no_looking_for_one_alone(finder, alice):
    alice.upload(topic="The only one")
    finder.open("/")
    finder.wait_for_text("The only one")
    assert finder.find("field", "Topic") is None


def test_search_is_sent_once_the_typing_has_ended(finder, various, door):
    finder.open("/")
    finder.wait_for("field", "Topic").send_keys("seaside")
    finder.wait_for_text("1 session found")
    searches = [path for _, path in door.requests if "q=" in path and path.startswith("/api")]
    assert len(searches) < len("seaside")


def test_answer_that_comes_late_is_not_shown(finder, various):
    finder.before_pages(
        """{
          const { fetch } = window;
          window.fetch = async (address, ...more) => {
            const answer = await fetch(address, ...more);
            if (/q=sea$/.test(address)) await new Promise((resolve) => window.arrive = resolve);
            return answer;
          };
        }"""
    )
    finder.open("/")
    topic = finder.wait_for("field", "Topic")
    topic.send_keys("sea")
    finder.wait(lambda: finder.run("return 'arrive' in window;"), "the first answer")
    topic.send_keys("side")
    finder.wait_for_text("1 session found")
    finder.run("arrive(); await new Promise((resolve) => setTimeout(resolve, 200));")
    assert topics(finder) == ["Seaside"]


def test_search_that_fails_keeps_what_was_typed(finder, various, door):
    finder.open("/")
    topic = finder.wait_for("field", "Topic")
    finder.expected = ["status of 503"]
    door.api_order = 503, {}, '{"error": "Later", "code": "UNAVAILABLE"}'
    topic.send_keys("seaside", Keys.ENTER)
    finder.wait_for_text("Your sessions cannot be shown")
    door.api_order = None
    finder.press("Try Again")
    finder.wait_for_text("1 session found")
    assert topic.get_property("value") == "seaside"


def test_languages_of_the_search_are_those_of_the_recorder():
    languages = [
        sorted(re.findall(r'<option value="([a-z]+)"', (HTML / page).read_text()))
        for page in ("index.html", "session/new.html")
    ]
    assert languages[0] == languages[1] != []


# Following


@in_both
def test_statuses_are_followed_while_they_may_change(finder, alice, db, door):
    finder.hasten(10)
    ids = [alice.upload(topic=topic) for topic in ("Gone", "One", "Two")]
    finder.open("/")
    wait_for_topics(finder, ["Two", "One", "Gone"])
    first = finder.driver.find_element("css selector", "#sessions a")
    finder.run("document.querySelector('#sessions a').focus();")
    db.execute("UPDATE speaking_sessions SET status = 'DONE' WHERE id = ANY(%s)", [ids[1:]])
    finder.wait_for_text("Done")
    alice.delete(f"/api/sessions/{ids[0]}")
    wait_for_topics(finder, ["Two", "One"])
    assert finder.driver.switch_to.active_element == first, "the row was made anew"
    asked = len(door.questions)
    finder.run("await new Promise((resolve) => setTimeout(resolve, 20000));")  # hastened: 2 s
    assert len(door.questions) == asked, "it asks on although all is done"


def test_what_stays_the_same_is_not_told_again(finder, alice, door):
    finder.hasten(10)
    alice.upload(topic="The sea")
    finder.open("/?q=sea")
    finder.wait_for_text("1 session found")
    finder.run(
        """
        window.changes = 0;
        const observer = new MutationObserver((records) => window.changes += records.length);
        const all = { subtree: true, childList: true, characterData: true, attributes: true };
        for (const id of ["found", "sessions"]) observer.observe(document.getElementById(id), all);
        """
    )
    asked = len(door.questions)
    finder.wait(lambda: len(door.questions) > asked + 2, "three questions")
    assert finder.run("return window.changes;") == 0


def test_focus_goes_on_from_a_session_that_is_gone(finder, alice):
    finder.hasten(10)
    ids = [alice.upload(topic=topic) for topic in ("One", "Two", "Three")]
    finder.open("/")
    wait_for_topics(finder, ["Three", "Two", "One"])
    finder.run("document.querySelectorAll('#sessions a')[1].focus();")
    alice.delete(f"/api/sessions/{ids[1]}")
    wait_for_topics(finder, ["Three", "One"])
    assert finder.focused().startswith("One")


def test_list_is_not_asked_for_while_nobody_looks(finder, alice, door):
    finder.hasten(20)
    finder.make_hideable()
    alice.upload()
    finder.open("/")
    finder.wait_for_state("list")
    finder.run("hide(true); await new Promise((resolve) => setTimeout(resolve, 8000));")
    asked = len(door.questions)
    finder.run("await new Promise((resolve) => setTimeout(resolve, 40000));")  # hastened: 2 s
    assert len(door.questions) == asked
    finder.run("hide(false);")
    finder.wait(lambda: len(door.questions) > asked, "another question")


def test_row_on_a_phone_is_two_lines_and_one_target(new_browser, alice, db):
    finder = new_browser(user=alice.user, arguments=["--accept-lang=de"])
    id = alice.upload(topic="A very long topic that goes on and on " * 5, language="de-Latn-AT")
    finder.cdp(
        "Emulation.setDeviceMetricsOverride", width=320, height=700, deviceScaleFactor=1,
        mobile=True,
    )  # fmt: skip
    db.execute("UPDATE speaking_sessions SET status = 'TRANSCRIBING' WHERE id = %s", [id])
    finder.open("/")
    finder.wait_for_text("Wird niedergeschrieben")
    row, *parts = finder.driver.find_elements("css selector", "#sessions a, #sessions a > *")
    assert 44 <= row.rect["height"] <= 80
    topic, about, status = (part.rect for part in parts)
    assert topic["x"] + topic["width"] <= status["x"]
    assert topic["width"] >= 0.4 * row.rect["width"]
    assert status["y"] + status["height"] <= about["y"] + 4
    assert finder.run("return document.documentElement.scrollWidth;") <= 320
