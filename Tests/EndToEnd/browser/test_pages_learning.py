"""/session/<id>: what a learner makes of it."""

import json

import pytest
from browser import in_both

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
        "return [...document.querySelectorAll('.place')].map((place) => place.hash);"
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
