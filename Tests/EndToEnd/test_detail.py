"""GET /api/sessions/:id: all there is about one session."""

import json
import secrets

import pytest
from client import TIMESTAMP, assert_error

APP_COLUMNS = {
    "id", "userId", "status", "durationSecs", "language", "topic", "promptUsed", "audioUrl",
    "audioDeletedAt", "errorMessage", "focusNext", "createdAt", "updatedAt",
}  # fmt: skip


@pytest.mark.smoke
def test_detail_has_every_column_transcript_and_insights(alice, db):
    session = alice.upload(topic="Tea")
    response = alice.get(f"/api/sessions/{session}")
    assert response.status_code == 200
    body = response.json()
    columns = {
        name
        for (name,) in db.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = 'speaking_sessions'"
        )
    }
    assert columns >= APP_COLUMNS
    assert set(body) == columns | {"transcript", "insights"}
    assert body["id"] == session and body["topic"] == "Tea" and body["status"] == "UPLOADED"
    assert body["userId"] == db.user_id(alice.user)
    assert body["audioUrl"] == db.session(session)["audioUrl"]
    assert TIMESTAMP.fullmatch(body["createdAt"]) and TIMESTAMP.fullmatch(body["updatedAt"])
    assert body["audioDeletedAt"] is None and body["errorMessage"] is None
    assert body["transcript"] is None and body["insights"] == []


def add_transcript(db, session):
    query = 'INSERT INTO transcripts (id, "sessionId", text, "wordCount") VALUES (%s, %s, %s, %s)'
    db.execute(query, [f"c{secrets.token_hex(12)}", session, 'He said "Grüß\n Gott"', 3])


def add_insight(db, session, severity, examples=None):
    identifier = f"c{secrets.token_hex(12)}"
    query = (
        'INSERT INTO insights (id, "sessionId", category, pattern, detail, frequency, severity,'
        " examples, suggestion)"
        " VALUES (%s, %s, 'grammar', 'articles', 'left out', 4, %s, %s, 'the')"
    )
    db.execute(query, [identifier, session, severity, examples and json.dumps(examples)])
    return identifier


def test_transcript_is_an_object(alice, db):
    session = alice.upload()
    add_transcript(db, session)
    transcript = alice.get(f"/api/sessions/{session}").json()["transcript"]
    assert transcript["text"] == 'He said "Grüß\n Gott"' and transcript["wordCount"] == 3
    assert transcript["sessionId"] == session


def test_insights_stand_high_medium_low_then_none(alice, db):
    session = alice.upload()
    added = {name: add_insight(db, session, name) for name in ("low", None, "high", "medium")}
    insights = alice.get(f"/api/sessions/{session}").json()["insights"]
    assert [insight["severity"] for insight in insights] == ["high", "medium", "low", None]
    assert [insight["id"] for insight in insights] == [
        added[name] for name in ("high", "medium", "low", None)
    ]
    assert insights[0]["category"] == "grammar" and insights[0]["frequency"] == 4


def test_keys_stand_in_the_order_of_the_columns(alice, db):
    session = alice.upload()
    add_transcript(db, session)
    add_insight(db, session, "high")
    body = alice.get(f"/api/sessions/{session}").json()
    assert list(body)[:3] == ["id", "userId", "status"]
    assert list(body)[-2:] == ["transcript", "insights"]
    assert list(body["transcript"]) == ["id", "sessionId", "text", "wordCount"]
    assert list(body["insights"][0]) == [
        "id", "sessionId", "category", "pattern", "detail", "frequency", "severity", "examples",
        "suggestion",
    ]  # fmt: skip


@pytest.mark.parametrize("table", ["transcripts", "insights"])
def test_time_that_a_later_app_added_is_one_of_ours(alice, db, table):
    session = alice.upload()
    add_transcript(db, session)
    add_insight(db, session, "high")
    db.execute(f"ALTER TABLE {table} ADD \"madeAt\" TIMESTAMP(3) DEFAULT '2026-02-18 22:55:18.1'")
    try:
        body = alice.get(f"/api/sessions/{session}").json()
    finally:
        db.execute(f'ALTER TABLE {table} DROP COLUMN "madeAt"')
    found = body["transcript"] if table == "transcripts" else body["insights"][0]
    assert found["madeAt"] == "2026-02-18T22:55:18.100Z"


def test_json_columns_come_out_as_json(alice, db):
    session = alice.upload()
    examples = [{"said": "I go \u2028 shop", "better": 'I go to the "shop"'}, 1.5, None, "x"]
    add_insight(db, session, "high", examples)
    assert alice.get(f"/api/sessions/{session}").json()["insights"][0]["examples"] == examples


def test_column_that_a_later_app_added_is_in_it(alice, db):
    session = alice.upload()
    db.execute(
        'ALTER TABLE speaking_sessions ADD COLUMN "reviewedAt" TIMESTAMP(3),'
        ' ADD COLUMN "scores" JSONB'
    )
    try:
        db.execute(
            "UPDATE speaking_sessions SET \"reviewedAt\" = '2026-02-18 22:55:18.1',"
            " scores = '{\"clarity\": [1, 2]}' WHERE id = %s",
            [session],
        )
        body = alice.get(f"/api/sessions/{session}").json()
        assert body["reviewedAt"] == "2026-02-18T22:55:18.100Z"
        assert body["scores"] == {"clarity": [1, 2]}
        assert alice.upload()
    finally:
        db.execute('ALTER TABLE speaking_sessions DROP COLUMN "reviewedAt", DROP COLUMN "scores"')


def test_user_never_seen(alice):
    response = alice.get("/api/sessions/c123456789012345678901234")
    assert_error(response, 404, "USER_NOT_FOUND")


def test_no_such_session_and_anothers_look_the_same(alice, bob):
    theirs = bob.upload()
    alice.upload()
    missing = alice.get("/api/sessions/c123456789012345678901234")
    anothers = alice.get(f"/api/sessions/{theirs}")
    assert assert_error(missing, 404, "SESSION_NOT_FOUND") == assert_error(
        anothers, 404, "SESSION_NOT_FOUND"
    )


@pytest.mark.parametrize("identifier", ["x", "c'; DROP TABLE users; --", "a" * 2000, "%00", "%ff"])
def test_id_of_any_shape_is_just_not_found(alice, identifier):
    alice.upload()
    response = alice.get(f"/api/sessions/{identifier}")
    assert response.status_code in (400, 404)
    assert set(response.json()) == {"error", "code"}


def test_head_has_the_headers_of_get_and_no_body(alice):
    path = f"/api/sessions/{alice.upload()}"
    got, head = alice.get(path), alice.head(path)
    assert head.status_code == 200 and head.content == b""
    assert head.headers["Content-Length"] == str(len(got.content))
