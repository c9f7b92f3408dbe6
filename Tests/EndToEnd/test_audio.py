"""GET and HEAD /api/sessions/:id/audio: the recording comes back, whole or in part."""

import hashlib
import os

import pytest
from client import assert_error

DATA = bytes(range(256)) * 400  # 102,400 bytes


@pytest.fixture
def path(alice):
    return f"/api/sessions/{alice.upload(DATA, 'audio/webm;codecs=opus')}/audio"


@pytest.mark.smoke
def test_recording_comes_back_whole(alice, path):
    response = alice.get(path)
    assert response.status_code == 200
    assert response.content == DATA
    assert response.headers["Content-Type"] == "audio/webm;codecs=opus"
    assert response.headers["Content-Length"] == str(len(DATA))
    assert response.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize(
    "asked, first, last",
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-99", 0, 99),
        ("bytes=1000-50000", 1000, 50000),
        ("bytes=102399-", 102399, 102399),
        ("bytes=100-", 100, 102399),
        ("bytes=-100", 102300, 102399),
        ("bytes=102000-999999", 102000, 102399),
        ("bytes=0-", 0, 102399),
    ],
)
def test_part_of_the_recording(alice, path, asked, first, last):
    response = alice.get(path, headers={"Range": asked})
    assert response.status_code == 206
    assert response.content == DATA[first : last + 1]
    assert response.headers["Content-Range"] == f"bytes {first}-{last}/{len(DATA)}"
    assert response.headers["Content-Length"] == str(last - first + 1)


@pytest.mark.parametrize("asked", ["lines=1-2", "bytes=", "bytes=b-a", "bytes=5-1", "nonsense"])
def test_range_that_is_none_is_ignored(alice, path, asked):
    # RFC 9110 section 14.2: an invalid ranges-specifier, or another unit, may be ignored.
    response = alice.get(path, headers={"Range": asked})
    assert response.status_code == 200 and response.content == DATA


def test_range_behind_the_end_is_never_a_fault_of_ours(alice, path):
    response = alice.get(path, headers={"Range": "bytes=102400-"})
    assert response.status_code in (200, 416)
    if response.status_code == 416:
        assert response.headers["Content-Range"] == f"bytes */{len(DATA)}"


@pytest.mark.parametrize("way", ["fetched by nginx", "streamed"])
def test_rest_is_of_the_recording_that_the_client_has_begun(alice, sites, path, way):
    """RFC 9110 13.1.5. A date is no strong validator, and what is none asks for the whole."""
    client = alice if way == "fetched by nginx" else sites.client(alice.user)
    whole = client.get(path).headers
    part = client.get(path, headers={"Range": "bytes=100-", "If-Range": whole["ETag"]})
    assert part.status_code == 206 and part.content == DATA[100:]
    for other in ('"another"', "W/" + whole["ETag"], "*", "x", whole["Last-Modified"]):
        response = client.get(path, headers={"Range": "bytes=100-", "If-Range": other})
        assert response.status_code == 200 and response.content == DATA, other


def test_head_knows_no_parts(alice, path):
    response = alice.head(path, headers={"Range": "bytes=1-2"})
    assert response.status_code == 200 and response.headers["Content-Length"] == str(len(DATA))


def test_head_tells_the_length_and_sends_nothing(alice, path):
    response = alice.head(path)
    assert response.status_code == 200 and response.content == b""
    assert response.headers["Content-Length"] == str(len(DATA))
    assert response.headers["Content-Type"] == "audio/webm;codecs=opus"


def test_large_recording_comes_back_whole(alice):
    data = os.urandom(1 << 20) * 50
    path = f"/api/sessions/{alice.upload(data)}/audio"
    assert hashlib.sha256(alice.get(path).content).digest() == hashlib.sha256(data).digest()


def test_recording_of_another_user(alice, bob, path):
    bob.upload()
    assert_error(bob.get(path), 404, "SESSION_NOT_FOUND")


def test_recording_of_no_session(alice):
    alice.upload()
    response = alice.get("/api/sessions/c123456789012345678901234/audio")
    assert_error(response, 404, "SESSION_NOT_FOUND")


def test_session_that_never_had_a_recording(alice, db):
    alice.upload()
    session = db.add_session(alice.user, status="CREATED")
    assert_error(alice.get(f"/api/sessions/{session}/audio"), 404, "SESSION_NOT_FOUND")


def test_recording_that_the_app_has_deleted(alice, db, path):
    session = path.split("/")[3]
    query = 'UPDATE speaking_sessions SET "audioDeletedAt" = now() WHERE id = %s'
    db.execute(query, [session])
    assert_error(alice.get(path), 404, "SESSION_NOT_FOUND")


def test_recording_that_is_gone_from_the_store(alice, db, bucket, path):
    bucket.delete(db.session(path.split("/")[3])["audioUrl"])
    assert_error(alice.get(path), 404, "SESSION_NOT_FOUND")
    assert alice.head(path).status_code == 404


def test_another_method_is_refused_and_told_which_are_right(alice, path):
    response = alice.delete(path)
    assert_error(response, 405, "METHOD_NOT_ALLOWED")
    assert {"GET", "HEAD"} <= set(response.headers["Allow"].split(", "))
