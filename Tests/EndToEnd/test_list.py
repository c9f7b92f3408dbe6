"""GET /api/sessions: one's own sessions, newest first, a page at a time."""

import json

import pytest
from client import TIMESTAMP, assert_error
from psycopg import sql

ITEM_KEYS = {"id", "status", "durationSecs", "language", "topic", "createdAt", "updatedAt"}


@pytest.mark.smoke
def test_user_never_seen_has_an_empty_list(alice, db):
    response = alice.get()
    assert response.status_code == 200
    assert response.json() == {"sessions": [], "total": 0, "page": 1, "limit": 10}
    assert db.user_id(alice.user) is None


@pytest.mark.smoke
def test_list_has_the_sessions_newest_first(alice):
    ids = [alice.upload(topic=f"number {number}") for number in range(3)]
    body = alice.get().json()
    assert set(body) == {"sessions", "total", "page", "limit"}
    assert (body["total"], body["page"], body["limit"]) == (3, 1, 10)
    assert [session["id"] for session in body["sessions"]] == ids[::-1]
    for session in body["sessions"]:
        assert set(session) == ITEM_KEYS
        assert TIMESTAMP.fullmatch(session["createdAt"])
        assert TIMESTAMP.fullmatch(session["updatedAt"])
    newest = body["sessions"][0]
    found = (newest["status"], newest["durationSecs"], newest["language"], newest["topic"])
    assert found == ("UPLOADED", 3, "en", "number 2")


def test_times_are_what_the_table_holds(alice, db):
    alice.upload()
    created, updated = "2026-02-18 22:55:18.123", "2026-07-01 00:00:00"
    session = db.add_session(alice.user, createdAt=created, updatedAt=updated)
    found = next(item for item in alice.get().json()["sessions"] if item["id"] == session)
    assert found["createdAt"] == "2026-02-18T22:55:18.123Z"
    assert found["updatedAt"] == "2026-07-01T00:00:00.000Z"


def test_others_sessions_are_not_in_it(alice, bob):
    alice.upload()
    mine = bob.upload()
    body = bob.get().json()
    assert [session["id"] for session in body["sessions"]] == [mine]
    assert body["total"] == 1


@pytest.fixture
def many(alice, db):
    """Twelve sessions, all of the same millisecond but two; the ids, newest first."""
    newest = alice.upload()
    same = [db.add_session(alice.user, createdAt="2026-01-02 03:04:05.678") for _ in range(10)]
    oldest = db.add_session(alice.user, createdAt="2026-01-02 03:04:05.677")
    return newest, set(same), oldest


def test_pages_neither_overlap_nor_miss_any(alice, many):
    newest, same, oldest = many
    pages = [alice.get(f"/api/sessions?page={page}&limit=5").json() for page in (1, 2, 3, 4)]
    assert [len(page["sessions"]) for page in pages] == [5, 5, 2, 0]
    assert [(page["page"], page["limit"], page["total"]) for page in pages] == [
        (1, 5, 12), (2, 5, 12), (3, 5, 12), (4, 5, 12)
    ]  # fmt: skip
    ids = [session["id"] for page in pages for session in page["sessions"]]
    assert ids[0] == newest and ids[-1] == oldest
    assert set(ids[1:-1]) == same and len(ids) == 12


def test_cursor_walks_through_all(alice, many):
    newest, same, oldest = many
    ids, cursor = [], ""
    for _ in range(4):
        params = {"cursor": cursor, "limit": 5}
        body = alice.get(params=params).json()
        assert set(body) == {"sessions", "total", "page", "limit", "nextCursor"}
        ids += [session["id"] for session in body["sessions"]]
        cursor = body["nextCursor"]
        if cursor is None:
            break
    assert cursor is None
    assert ids[0] == newest and ids[-1] == oldest
    assert set(ids[1:-1]) == same and len(ids) == 12


def test_cursor_of_the_last_full_page_is_null(alice):
    alice.upload()
    alice.upload()
    assert alice.get("/api/sessions?cursor=&limit=2").json()["nextCursor"] is None


def test_cursor_stays_in_place_when_sessions_come(alice):
    older, newer = alice.upload(), alice.upload()
    first = alice.get("/api/sessions?cursor=&limit=1").json()
    assert [session["id"] for session in first["sessions"]] == [newer]
    alice.upload()
    second = alice.get(params={"cursor": first["nextCursor"], "limit": 1}).json()
    assert [session["id"] for session in second["sessions"]] == [older]


def test_cursor_of_a_user_never_seen_is_null(alice):
    body = alice.get("/api/sessions?cursor=").json()
    assert body["sessions"] == [] and body["nextCursor"] is None


@pytest.mark.parametrize("cursor", ["x", "AAAA", "null", "0", "%00", "%ff", "a" * 4000, "c1,2"])
@pytest.mark.parametrize("seen", [True, False], ids=["seen user", "user never seen"])
def test_cursor_that_is_none_of_ours(alice, cursor, seen):
    if seen:
        alice.upload()
    assert_error(alice.get(f"/api/sessions?cursor={cursor}"), 400, "INVALID_PAGINATION")


@pytest.mark.parametrize("name", ["page", "limit"])
@pytest.mark.parametrize(
    "value",
    ["0", "-1", "1.5", "abc", "%2B1", "1e1", "0x1", "%EF%BC%91", "%D9%A1", "1%20", "1%00", "NaN"],
)  # fmt: skip
def test_page_and_limit_are_whole_numbers_from_1(alice, name, value):
    assert_error(alice.get(f"/api/sessions?{name}={value}"), 400, "INVALID_PAGINATION")


def test_limit_goes_up_to_100(alice):
    alice.upload()
    assert alice.get("/api/sessions?limit=100").json()["limit"] == 100
    assert_error(alice.get("/api/sessions?limit=101"), 400, "INVALID_PAGINATION")


@pytest.mark.parametrize("number", ["9" * 19, "9" * 20, "9" * 300])
def test_numbers_that_overflow_are_no_fault_of_ours(alice, number):
    alice.upload()
    assert_error(alice.get(f"/api/sessions?limit={number}"), 400, "INVALID_PAGINATION")
    response = alice.get(f"/api/sessions?page={number}")
    assert response.status_code == 400 or response.json()["sessions"] == []


def test_page_far_behind_the_end_is_empty(alice):
    alice.upload()
    body = alice.get("/api/sessions?page=1000000&limit=100").json()
    assert body["sessions"] == [] and body["total"] == 1


def test_unknown_query_parameters_are_ignored(alice):
    assert alice.get("/api/sessions?_=123&sort=asc&empty&=x").status_code == 200


@pytest.mark.parametrize(
    "topic",
    ['"quotes" and \\back\\slashes\\', "\u2028\u2029", "\U0001f468\u200d\U0001f469", "</a>"],
)
def test_any_topic_comes_back_as_it_was(alice, topic):
    alice.upload(topic=topic)
    response = alice.get()
    assert json.loads(response.content.decode("utf-8"))["sessions"][0]["topic"] == topic


def test_topic_that_the_app_wrote_with_control_characters_is_valid_json(alice, db):
    alice.upload()
    topic = "line\nbreak\ttab\x01\x7f"
    session = db.add_session(alice.user, topic=topic)
    found = {item["id"]: item["topic"] for item in alice.get().json()["sessions"]}
    assert found[session] == topic


def test_status_that_a_later_app_added_is_passed_through(alice, db):
    alice.upload()
    label = "COACHING"
    db.execute(sql.SQL('ALTER TYPE "SessionStatus" ADD VALUE IF NOT EXISTS {}').format(label))
    session = db.add_session(alice.user, status=label)
    found = {item["id"]: item["status"] for item in alice.get().json()["sessions"]}
    assert found[session] == label
    assert alice.get(f"/api/sessions/{session}").json()["status"] == label


def test_what_others_change_shows_at_once(alice, db):
    session = alice.upload()
    alice.get()
    db.execute("UPDATE speaking_sessions SET status = 'DONE' WHERE id = %s", [session])
    assert alice.get().json()["sessions"][0]["status"] == "DONE"


def test_head_has_the_headers_of_get_and_no_body(alice):
    alice.upload()
    got, head = alice.get(), alice.head()
    assert head.status_code == 200 and head.content == b""
    assert head.headers["Content-Length"] == str(len(got.content))
    assert head.headers["Content-Type"] == got.headers["Content-Type"]


@pytest.fixture
def topics(alice, db):
    """Sessions with these topics, all of alice's; the ids by topic."""
    alice.upload()
    texts = [
        "Coffee at home",
        "COFFEE 100%",
        "tea_time",
        "Ärger im Café",
        "Прогулка",
        None,
        "東京の朝",
        "STRAẞE",
    ]
    return {text: db.add_session(alice.user, topic=text) for text in texts}


def found(user, **params):
    body = user.get(params=params).json()
    assert body["total"] == len(body["sessions"])
    return {session["topic"] for session in body["sessions"]}


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("coffee", {"Coffee at home", "COFFEE 100%"}), ("OFF", {"Coffee at home", "COFFEE 100%"}),
        ("%", {"COFFEE 100%"}), ("_", {"tea_time"}), ("\\", set()), ("ÄRGER", {"Ärger im Café"}),
        ("café", {"Ärger im Café"}), ("пРОГ", {"Прогулка"}), ("京", {"東京の朝"}),
        ("straße", {"STRAẞE"}), ("STRASSE", {"STRAẞE"}), ("aẞe", {"STRAẞE"}),
        ("t h", {"Coffee at home"}), ("' OR true --", set()), ("x" * 100, set()),
    ],
)  # fmt: skip
def test_search_finds_a_text_anywhere_in_the_topic(alice, topics, search, expected):
    assert found(alice, q=search) == expected


def test_filters_count_what_they_leave_and_hold_together(alice, db):
    alice.upload(topic="walk", language="pt-BR")
    for number in range(4):
        db.add_session(alice.user, topic=f"walk {number}", language="pt-BR", status="DONE")
    db.add_session(alice.user, topic="walk", language="en", status="DONE")
    db.add_session(alice.user, topic="walk", language="pt-BR", status="FAILED")
    body = alice.get("/api/sessions?q=WALK&status=DONE&language=PT_br&limit=3&page=2").json()
    assert (body["total"], body["page"], body["limit"], len(body["sessions"])) == (4, 2, 3, 1)
    assert set(body) == {"sessions", "total", "page", "limit"}
    assert {(item["language"], item["status"]) for item in body["sessions"]} == {("pt-BR", "DONE")}


def test_language_is_found_however_it_was_written(alice, db):
    alice.upload(language="pt_BR")
    for language in ("pt_BR", "PT-br", "pt", "en"):
        db.add_session(alice.user, language=language)
    for asked in ("pt-BR", "pt_br"):
        assert alice.get(params={"language": asked}).json()["total"] == 3


def test_status_never_seen_finds_nothing(alice):
    alice.upload()
    for status in ["NEVER", "uploaded", "x" * 2000, "' OR true --", "%"]:
        body = alice.get(params={"status": status}).json()
        assert (body["sessions"], body["total"]) == ([], 0)
    assert alice.get("/api/sessions?status=UPLOADED").json()["total"] == 1


def test_empty_filters_are_none(alice):
    alice.upload()
    assert alice.get("/api/sessions?q=&status=&language=").json() == alice.get().json()


@pytest.mark.parametrize(
    "query",
    [
        "q=" + "x" * 101, "q=%00", "q=%ff", "q=a%0Ab", "status=%00", "status=%ED%A0%80",
        "language=e", "language=en-", "language=%25", "language=" + "en-" * 12 + "en",
    ],
)  # fmt: skip
@pytest.mark.parametrize("seen", [True, False], ids=["seen user", "user never seen"])
def test_filter_that_is_none(alice, query, seen):
    if seen:
        alice.upload()
    assert_error(alice.get(f"/api/sessions?{query}"), 400, "INVALID_FIELD")


def test_filters_never_find_anothers_session(alice, bob, db):
    alice.upload(topic="secret")
    bob.upload()
    assert found(bob, q="secret") == set()


def test_cursor_holds_for_the_filter_it_came_with(alice, db):
    ids = [alice.upload(topic="walk 0")]
    ids += [db.add_session(alice.user, topic=f"walk {number}") for number in range(1, 5)]
    db.add_session(alice.user, topic="other")
    walked, cursor = [], ""
    for _ in range(3):
        body = alice.get(params={"q": "walk", "cursor": cursor, "limit": 2}).json()
        assert body["total"] == 5
        walked += [session["id"] for session in body["sessions"]]
        used, cursor = cursor, body["nextCursor"]
    assert cursor is None and sorted(walked) == sorted(ids)
    for params in [{}, {"q": "other"}, {"q": "walk", "status": "DONE"}, {"language": "en"}]:
        response = alice.get(params={**params, "cursor": used})
        assert_error(response, 400, "INVALID_PAGINATION")
    plain = alice.get("/api/sessions?cursor=&limit=1").json()["nextCursor"]
    assert_error(alice.get(f"/api/sessions?q=walk&cursor={plain}"), 400, "INVALID_PAGINATION")
