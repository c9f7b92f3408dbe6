"""/session/<id>: what a learner makes of it."""

import json

import pytest
from browser import in_both
from selenium.webdriver.common.keys import Keys
from test_pages_player import MUTE

SPOKEN = "How many apples? I  buyed\nan apples, and I BUYED some pears."


@pytest.fixture
def browser(new_browser, alice):
    return new_browser(user=alice.user)


@pytest.fixture
def analyzed(alice, db):
    """Makes a session that is done, whose one insight has those examples."""

    def make(examples, spoken=SPOKEN, **columns):
        id = alice.upload(topic="At the market", **columns)
        db.execute(
            'INSERT INTO transcripts (id, "sessionId", text)'
            " VALUES (md5(random()::text), %s, %s)", [id, spoken]
        )  # fmt: skip
        db.execute(
            'INSERT INTO insights (id, "sessionId", category, pattern, detail, severity, examples)'
            " VALUES (md5(random()::text), %s, 'grammar', 'Past tense', 'Why so', 'high', %s)",
            [id, json.dumps(examples)],
        )
        db.execute("UPDATE speaking_sessions SET status = 'DONE' WHERE id = %s", [id])
        return id

    return make


def examples(browser):
    rows = browser.driver.find_elements("css selector", ".examples > li")
    return [row.text.split("\n") for row in rows]


@in_both
def test_mistake_and_correction_stand_side_by_side_in_words(browser, analyzed):
    id = analyzed([{"said": "I buyed", "better": "I bought"}, "in words", {"more": ["deep"]}])
    browser.open(f"/session/{id}")
    browser.wait_for_text("Work on this first")
    assert examples(browser) == [
        ["You said", "I buyed", "Better", "I bought", "In the transcript"], ["in words"], ["deep"],
    ]  # fmt: skip
    said, better = browser.driver.find_elements("css selector", ".correction > p")
    assert said.rect["y"] == better.rect["y"] and said.rect["x"] < better.rect["x"]


@in_both
def test_from_an_insight_to_its_place_in_the_transcript(browser, analyzed):
    id = analyzed([{"said": "i Buyed an", "better": "I bought"}, "not there", "an apples", "an"])
    browser.open(f"/session/{id}")
    browser.wait_for("link", "In the transcript").click()
    focused = browser.driver.switch_to.active_element
    assert focused.tag_name == "mark"
    assert focused.text.split() == ["I", "buyed", "an"]
    assert [row[-1] for row in examples(browser)] == [
        "In the transcript", "not there", "In the transcript", "In the transcript",
    ]  # fmt: skip
    assert "How many apples? I" in browser.text()  # as it was said
    places = browser.run(
        "return [...document.querySelectorAll('.examples .place')].map((place) => place.hash);"
    )
    assert len(set(places) - {""}) == 1, "those that overlap lead to the same place"


def test_what_is_not_a_word_of_its_own_is_not_its_place(browser, analyzed):
    id = analyzed(["any", "apple"])
    browser.open(f"/session/{id}")
    browser.wait_for_text("Work on this first")
    assert examples(browser) == [["any"], ["apple"]]


def test_script_without_spaces_has_places_too(browser, analyzed):
    id = analyzed(["学校"], spoken="昨日は学校に行きました。", language="ja")
    browser.open(f"/session/{id}")
    browser.wait_for("link", "In the transcript")


def test_what_learners_wrote_has_its_language_and_direction(browser, analyzed, db):
    id = analyzed([{"said": "שלום", "better": "שלום לך"}], spoken="שלום", language="he")
    browser.open(f"/session/{id}")
    browser.wait_for_text("Work on this first")
    spoken = browser.run(
        """
        const all = [...document.querySelectorAll("#topic, #transcript-text, .examples .words")];
        return all.map(({ dir, lang }) => `${dir} ${lang}`);
        """
    )
    assert spoken == ["auto he"] * 4
    transcript = "return getComputedStyle(document.getElementById('transcript-text')).direction;"
    assert browser.run(transcript) == "rtl"
    browser.open("/")
    browser.wait_for_text("At the market")
    topic = browser.driver.find_element("css selector", "#sessions .topic")
    assert (topic.get_attribute("dir"), topic.get_attribute("lang")) == ("auto", "he")


def test_done_without_insights_says_something(browser, alice, db):
    id = alice.upload()
    db.execute("UPDATE speaking_sessions SET status = 'DONE' WHERE id = %s", [id])
    browser.open(f"/session/{id}")
    browser.wait_for_text("The analysis has found nothing")


def test_way_back_from_the_transcript(browser, analyzed):
    id = analyzed(
        ["apples", "pears"], spoken="apples" + " I said" * 900 + " pears" + " I see" * 900
    )
    browser.open(f"/session/{id}")
    browser.wait_for("link", "In the transcript")
    link = browser.driver.find_elements("css selector", ".place")[1]
    link.click()
    back = browser.wait_for("button", "Back to the Insight")
    in_sight = "const { top, bottom } = given[0].getBoundingClientRect();"
    in_sight += "return top >= 0 && bottom <= innerHeight;"
    assert browser.run(in_sight, back)
    browser.key(Keys.TAB)
    assert browser.focused() == "Back to the Insight"
    browser.key(Keys.ENTER)
    assert browser.driver.switch_to.active_element == link
    assert not back.is_displayed()
    assert browser.run("return document.querySelector('mark:target');") is None


@in_both
def test_recording_it_again_keeps_topic_and_language(browser, alice):
    id = alice.upload(topic="Fish & chips, 100%", language="pt")
    browser.open(f"/session/{id}")
    browser.follow("Record It Again")
    browser.wait_for("button", "Start Speaking Session")
    values = [browser.find("field", name) for name in ("Topic (optional)", "Language")]
    assert [field.get_property("value") for field in values] == ["Fish & chips, 100%", "pt"]


# The takes of one topic


@pytest.fixture
def takes(alice, recordings, db):
    """Three of one topic, of which the second cannot be played, and others beside them."""
    sound = recordings["WebM/Opus"].data
    ids = [alice.upload(sound, "audio/webm", topic="The Sea", duration="2")]
    alice.upload(topic="The sea at night")
    ids += [alice.upload(topic="the sea", duration="0")]
    never_came = alice.upload(topic="The sea")
    db.execute("UPDATE speaking_sessions SET status = 'CREATED' WHERE id = %s", [never_came])
    return [*ids, alice.upload(sound, "audio/webm", topic="the sea", duration="2")]


# However long the test takes to look.
ENDLESS = """
  document.addEventListener("play", ({ target }) => { target.loop = true; }, true);
"""
HEARD = """
  document.addEventListener("playing", ({ target }) => {
    (window.heard ??= []).push(target.currentSrc.split("/").at(-2));
    (window.button ??= []).push(document.getElementById("takes-all").textContent);
  }, true);
"""


def rows(browser):
    return browser.driver.find_elements("css selector", "#takes-list > li")


def players(browser):
    """How many each row shows."""
    shown = [row.find_elements("css selector", ".player:not([hidden])") for row in rows(browser)]
    return [len(found) for found in shown]


@in_both
def test_takes_of_a_topic_are_heard_one_after_the_other(browser, takes):
    browser.before_pages(HEARD)
    browser.open(f"/session/{takes[2]}")
    browser.wait_for("button", "Play All")
    browser.run("document.getElementById('takes-audio').muted = true;")  # where no sound comes out
    browser.press("Play All")
    links = [row.find_element("css selector", "a") for row in rows(browser)]
    assert [link.get_property("href").rsplit("/", 1)[1] for link in links] == takes
    assert "this one" in rows(browser)[2].text and "0:02" in rows(browser)[2].text
    browser.wait(lambda: browser.run("return window.heard;") == [takes[0], takes[2]], "the last")
    assert browser.run("return window.button;") == ["Stop", "Stop"]
    browser.wait_for("button", "Play All")
    assert "cannot be played" in rows(browser)[1].text
    assert players(browser) == [0, 0, 1], "the last can be heard again"


@in_both
def test_one_take_is_heard_at_a_time(browser, takes):
    browser.before_pages(MUTE + ENDLESS)
    browser.open(f"/session/{takes[0]}")
    browser.wait_for("button", "Play All")
    playing = "return [...document.querySelectorAll('audio')].filter((a) => !a.paused).length;"
    browser.run("await document.getElementById('audio').play();")
    first, third = (rows(browser)[index].find_element("css selector", "button") for index in (0, 2))
    first.click()
    browser.wait(lambda: browser.focused() == "Pause", "the player, to be used at once")
    assert players(browser) == [1, 0, 0] and not first.is_displayed()
    assert browser.run(playing) == 1
    browser.key(Keys.SPACE)
    browser.wait(lambda: browser.focused() == "Play", "a pause")
    assert browser.run(playing) == 0
    third.click()
    browser.wait(lambda: players(browser) == [0, 0, 1] and first.is_displayed(), "the other")
    browser.press("Delete Session")
    browser.press("Delete")
    browser.wait_for_text("Session deleted")
    assert browser.run(playing) == 0


def test_topic_with_one_take_and_no_topic_at_all(browser, alice):
    for topic in ("Once only", "\u00a0", "\u00a0"):
        id = alice.upload(topic=topic)
        browser.open(f"/session/{id}")
        again = browser.wait_for("link", "Record It Again")
        assert not browser.by_id("takes").is_displayed()
    assert again.get_property("href").endswith("/session/new?language=en")
