"""DELETE /api/sessions/:id: the session is gone, and all that belongs to it."""

import pytest
from client import assert_error
from test_detail import add_insight, add_transcript


@pytest.mark.smoke
def test_row_transcript_insights_and_object_are_gone(alice, db, bucket):
    session = alice.upload()
    key = db.session(session)["audioUrl"]
    add_transcript(db, session)
    add_insight(db, session, "high")
    response = alice.delete(f"/api/sessions/{session}")
    assert response.status_code == 200
    assert response.json() == {"ok": True}
    assert db.session(session) is None
    for table in ("transcripts", "insights"):
        query = f'SELECT count(*) FROM {table} WHERE "sessionId" = %s'
        assert db.value(query, session) == 0
    assert bucket.get(key) is None
    assert alice.get().json()["total"] == 0


def test_deleting_twice(alice):
    session = alice.upload()
    assert alice.delete(f"/api/sessions/{session}").status_code == 200
    assert_error(alice.delete(f"/api/sessions/{session}"), 404, "SESSION_NOT_FOUND")


def test_anothers_session_stays(alice, bob, db, bucket):
    session = bob.upload()
    alice.upload()
    assert_error(alice.delete(f"/api/sessions/{session}"), 404, "SESSION_NOT_FOUND")
    assert bucket.get(db.session(session)["audioUrl"])


def test_user_never_seen(alice):
    response = alice.delete("/api/sessions/c123456789012345678901234")
    assert_error(response, 404, "USER_NOT_FOUND")


def test_session_without_a_recording(alice, db):
    alice.upload()
    session = db.add_session(alice.user, status="FAILED")
    assert alice.delete(f"/api/sessions/{session}").json() == {"ok": True}
    assert db.session(session) is None


def test_session_whose_recording_is_gone_already(alice, db, bucket):
    session = alice.upload()
    bucket.delete(db.session(session)["audioUrl"])
    assert alice.delete(f"/api/sessions/{session}").json() == {"ok": True}
    assert db.session(session) is None


def test_other_sessions_of_the_user_stay(alice, db, bucket):
    kept, gone = alice.upload(b"kept"), alice.upload(b"gone")
    alice.delete(f"/api/sessions/{gone}")
    assert bucket.get(db.session(kept)["audioUrl"])[0] == b"kept"
