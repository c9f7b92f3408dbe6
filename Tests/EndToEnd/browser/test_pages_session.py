"""/session/<id>: one session, followed until it is done."""

import json

import pytest
from browser import in_both
from selenium.webdriver.common.keys import Keys


@pytest.fixture
def session_id(alice):
    return alice.upload(topic="A day at sea", language="fr")


@pytest.fixture
def browser(new_browser, alice):
    return new_browser(user=alice.user)


@pytest.fixture
def watcher(new_browser, alice, door):
    """A browser that reaches the site through the door, which counts what it asks."""
    return new_browser(url=door.url, user=alice.user)


def set_status(db, id, status, **more):
    columns = ", ".join(f'"{name}" = %s' for name in ["status", *more])
    query = f"UPDATE speaking_sessions SET {columns} WHERE id = %s"
    db.execute(query, [status, *more.values(), id])


def add_insight(db, session_id, pattern, severity, examples=None, suggestion=None):
    db.execute(
        'INSERT INTO insights (id, "sessionId", category, pattern, detail, frequency, severity,'
        " examples, suggestion) VALUES (md5(random()::text), %s, 'grammar', %s, 'Why so', 3, %s,"
        " %s, %s)",
        [session_id, pattern, severity, json.dumps(examples), suggestion],
    )


def finish(db, session_id):
    """What the app does with a session in the end."""
    db.execute(
        'INSERT INTO transcripts (id, "sessionId", text, "wordCount")'
        " VALUES (md5(random()::text), %s, 'I buyed <i>some</i> apples.', 4)", [session_id]
    )  # fmt: skip
    add_insight(db, session_id, "Fillers", "low")
    examples = [{"said": "buyed", "better": "bought"}]
    add_insight(db, session_id, "Past tense", "high", examples, "Learn the irregular verbs.")
    add_insight(db, session_id, "Articles", "medium", ["an apples"])
    set_status(db, session_id, "DONE", focusNext="Irregular verbs")


@in_both
def test_status_is_followed_to_the_end(watcher, door, session_id, db):
    watcher.hasten(5)
    watcher.open(f"/session/{session_id}")
    watcher.wait_for_text("Uploaded. The transcript usually starts within 30 seconds.")
    assert "A day at sea" in watcher.text() and "French" in watcher.text()
    set_status(db, session_id, "TRANSCRIBING")
    watcher.wait_for_text("What you said is being written down.")
    finish(db, session_id)
    watcher.wait_for_text("I buyed <i>some</i> apples.")
    assert "4 words" in watcher.text()
    headings = [element.text for element in watcher.driver.find_elements("css selector", "h3")]
    assert [heading.replace("\n", " ") for heading in headings] == [
        "Work on this first Past tense", "Work on this next Articles", "When you have time Fillers",
    ]  # fmt: skip
    for text in ("bought", "Learn the irregular verbs.", "grammar · 3×", "Irregular verbs"):
        assert text in watcher.text()
    asked = len(door.questions)
    watcher.run("await new Promise((resolve) => setTimeout(resolve, 10000));")  # hastened: 2 s
    assert len(door.questions) == asked, "it asks on although all is done"


def test_following_ends_after_five_minutes(watcher, session_id, door):
    watcher.hasten(30)
    watcher.open(f"/session/{session_id}")
    watcher.wait_for_text("This takes longer than usual.")
    asked = [path for path in door.questions if path == f"/api/sessions/{session_id}"]
    # Every 3 s for a minute and every 10 s for four more, each late by what an answer takes.
    assert 15 <= len(asked) <= 46
    watcher.press("Check Again")
    watcher.wait_for_text("Uploaded. The transcript")


def test_nothing_is_asked_while_nobody_looks(watcher, session_id, door):
    watcher.hasten(20)
    watcher.make_hideable()
    watcher.open(f"/session/{session_id}")
    watcher.wait_for_state("session")
    watcher.run("hide(true); await new Promise((resolve) => setTimeout(resolve, 8000));")
    asked = len(door.questions)
    watcher.run("await new Promise((resolve) => setTimeout(resolve, 40000));")  # hastened: 2 s
    assert len(door.questions) == asked
    watcher.run("hide(false);")
    watcher.wait(lambda: len(door.questions) > asked, "another question")


def test_server_that_is_down_for_a_moment_is_asked_again(new_browser, sites, db):
    site = sites.client("watcher-of-restarts")
    watcher = new_browser(url=site.url, user=site.user)
    watcher.hasten(5)
    watcher.expected = ["status of 502", "status of 503"]
    id = site.upload()
    watcher.open(f"/session/{id}")
    watcher.wait_for_state("session")
    site.responder.terminate()
    watcher.wait_for_text("The service is not available")
    set_status(db, id, "ANALYZING")
    site.responder.start()
    watcher.wait_for_text("What you said is being analyzed.")


def test_server_that_is_down(new_browser, sites):
    site = sites.client("visitor-in-bad-times")
    watcher = new_browser(url=site.url, user=site.user)
    watcher.expected = ["status of 502", "status of 503"]
    id = site.upload(topic="Up again")
    site.responder.terminate()
    watcher.open(f"/session/{id}")
    watcher.wait_for_text("The session cannot be shown")
    watcher.wait_for_text("The service is not available")
    site.responder.start()
    assert site.responder.wait_until_ready(20)
    watcher.press("Try Again")
    watcher.wait_for_text("Up again")


@pytest.mark.parametrize("whose", ["nobody's", "another user's"])
def test_session_that_is_not_there(browser, bob, whose):
    id = "c" + "0" * 24 if whose == "nobody's" else bob.upload()
    browser.expected = ["status of 404"]
    browser.open(f"/session/{id}")
    browser.wait_for_text("No such session")
    browser.wait_for("link", "My sessions")


def test_time_of_a_session_is_that_of_its_upload(browser, session_id):
    browser.open(f"/session/{session_id}")
    browser.wait_for_state("session")
    name = browser.by_id("created").find_element("xpath", "../preceding-sibling::dt")
    assert name.text == "Uploaded"


def test_signed_out_has_one_plain_next_step(watcher, door, session_id):
    watcher.expected = ["status of 401"]
    door.api_order = 401, {}, '{"error": "Sign in first", "code": "UNAUTHORIZED"}'
    for path in ("/", f"/session/{session_id}"):
        watcher.open(path)
        watcher.wait_for_text("You are signed out")
        assert [button.text for button in buttons(watcher)] == ["Sign In"]
        door.api_order, order = None, door.api_order
        watcher.press("Sign In")
        watcher.wait_for_text("A day at sea")
        door.api_order = order


def buttons(browser):
    all = browser.driver.find_elements("css selector", "main button, main .button")
    return [button for button in all if button.is_displayed()]


def test_failed_session_says_why(browser, session_id, db):
    set_status(db, session_id, "FAILED", errorMessage="Nothing was said in it.")
    browser.open(f"/session/{session_id}")
    browser.wait_for_text("Nothing was said in it.")


def test_recording_that_has_expired(browser, session_id, db):
    set_status(db, session_id, "DONE", audioDeletedAt="2026-02-18 22:55:18.123")
    browser.open(f"/session/{session_id}")
    browser.wait_for_text("The recording has expired and was deleted.")
    assert not browser.by_id("audio").is_displayed()
    assert browser.find("button", "Play") is None


@in_both
def test_text_of_others_stays_text(browser, alice, db):
    id = alice.upload(topic="<img src=x onerror=document.title='broken'>")
    db.execute(
        'INSERT INTO transcripts (id, "sessionId", text) VALUES (md5(random()::text), %s, %s)',
        [id, "<script>document.title = 'broken'</script>"],
    )
    set_status(db, id, "DONE")
    browser.open(f"/session/{id}")
    browser.wait_for_text("<script>document.title = 'broken'</script>")
    browser.wait_for_text("<img src=x onerror=document.title='broken'>")
    assert browser.driver.title != "broken"


@in_both
def test_deletion_asks_first(browser, session_id, db):
    browser.open(f"/session/{session_id}")
    browser.press("Delete Session")
    browser.wait_for("button", "Delete")
    assert browser.focused() == "Keep"
    browser.key(Keys.ENTER)
    browser.wait(lambda: browser.focused() == "Delete Session", "the focus back")
    browser.key(Keys.ENTER)
    browser.wait_for("button", "Delete")
    browser.key(Keys.ESCAPE)
    browser.wait(lambda: browser.focused() == "Delete Session", "the focus back")
    assert db.session(session_id)
    browser.press("Delete Session")
    browser.press("Delete")
    browser.wait_for_text("Session deleted")
    assert browser.driver.title == "Session deleted"
    assert db.session(session_id) is None


def test_deleted_session_is_not_asked_for_any_more(watcher, door, session_id):
    watcher.expected = ["status of 404"]  # one that was asked when it was deleted
    watcher.open(f"/session/{session_id}")
    watcher.press("Delete Session")
    watcher.press("Delete")
    watcher.wait_for_text("Session deleted")
    asked = len(door.questions)
    watcher.run("await new Promise((resolve) => setTimeout(resolve, 5000));")
    assert watcher.state() == "deleted"
    assert len(door.questions) == asked


def test_deletion_that_fails_says_so(new_browser, sites, db):
    site = sites.client("deleter-in-bad-times")
    browser = new_browser(url=site.url, user=site.user)
    browser.expected = ["status of 502", "status of 503"]
    id = site.upload()
    browser.open(f"/session/{id}")
    browser.press("Delete Session")
    site.responder.terminate()
    browser.press("Delete")
    browser.wait_for_text("The service is not available")
    assert db.session(id)


@in_both
def test_going_back_shows_what_is_there_now(browser, alice, session_id):
    browser.open("/")
    browser.wait_for_text("A day at sea")
    browser.driver.find_element("css selector", "#sessions a").click()
    browser.wait_for_session()
    browser.follow("My sessions")
    browser.wait_for_text("A day at sea")
    alice.delete(f"/api/sessions/{session_id}")
    browser.expected = ["status of 404"]
    browser.driver.back()
    browser.wait_for_text("No such session")
    browser.driver.back()
    browser.wait_for_text("Nothing here yet")


def test_upload_that_never_came_is_not_being_received(browser, session_id, db):
    set_status(db, session_id, "CREATED", updatedAt="2026-02-18 22:55:18.123")
    browser.open(f"/session/{session_id}")
    browser.wait_for_text("The recording has never arrived.")
    assert "Not finished" in browser.text()
    browser.wait_for("button", "Check Again")
    browser.open("/")
    browser.wait_for_text("Not finished")


@pytest.mark.parametrize("topic", ["\u00a0", "\u200b"])
def test_topic_in_which_nothing_is_to_be_seen(browser, alice, topic):
    id = alice.upload(topic=topic, duration="0")
    browser.open("/")
    browser.wait_for_text("Untitled session")
    assert "0:00" not in browser.text()
    browser.open(f"/session/{id}")
    browser.wait_for_text("Untitled session")
    assert "unknown" in browser.text()
