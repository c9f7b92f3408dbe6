"""POST /api/sessions: what goes in comes out whole, in the store and in the tables."""

import hashlib
import os
import re
import threading
from datetime import datetime, timedelta, timezone

import pytest
from client import TIMESTAMP, assert_error
from forms import BOUNDARY, audio, file, form, part, text
from recordings import FORMATS

MAX_FILE_BYTES = 52_428_800
CUID = re.compile(r"c[0-9a-z]{24}")


@pytest.mark.smoke
@pytest.mark.parametrize("name", FORMATS)
def test_recording_is_stored_byte_for_byte(alice, db, bucket, recordings, name):
    recording = recordings[name]
    response = alice.post(
        audio(recording.data, recording.type, recording.filename), text("duration", "1.0")
    )
    assert response.status_code == 201, response.text
    session = db.session(response.json()["id"])
    user_id = db.user_id(alice.user)
    assert session["userId"] == user_id
    key = f"sessions/{user_id}/{session['id']}/audio.{recording.extension}"
    assert session["audioUrl"] == key
    data, content_type = bucket.get(key)
    assert hashlib.sha256(data).digest() == hashlib.sha256(recording.data).digest()
    assert content_type == recording.type


@pytest.mark.smoke
def test_answer_has_the_session_and_where_it_is(alice):
    response = alice.post(audio(), text("duration", "1"))
    assert response.status_code == 201
    body = response.json()
    assert list(body) == ["id", "status", "createdAt", "estimatedWaitSecs"]
    assert CUID.fullmatch(body["id"])
    assert body["status"] == "UPLOADED"
    assert TIMESTAMP.fullmatch(body["createdAt"])
    assert body["estimatedWaitSecs"] == 30
    assert response.headers["Content-Type"].split(";")[0] == "application/json"
    assert response.headers["Location"].endswith(f"/api/sessions/{body['id']}")


def test_row_has_what_was_sent(alice, db):
    session = db.session(alice.upload(duration="61", topic="Mein Tag \U0001f389", language="de-CH"))
    assert session["status"] == "UPLOADED"
    assert session["durationSecs"] == 61
    assert session["topic"] == "Mein Tag \U0001f389"
    assert session["language"] == "de-CH"
    assert session["errorMessage"] is None and session["audioDeletedAt"] is None


@pytest.mark.parametrize("fields", [{}, {"topic": "", "language": ""}], ids=["absent", "empty"])
def test_topic_and_language_may_be_missing(alice, db, fields):
    session = db.session(alice.upload(**fields))
    assert session["topic"] is None
    assert session["language"] == "en"


@pytest.mark.parametrize(
    "duration, seconds",
    [("0", 0), ("0.4", 0), ("12.7", 13), ("86400", 86400), ("007", 7), ("59.99999999999", 60)],
)
def test_duration_is_rounded_to_whole_seconds(alice, db, duration, seconds):
    assert db.session(alice.upload(duration=duration))["durationSecs"] == seconds


def test_times_are_utc_although_the_server_is_in_new_york(alice, db):
    before = datetime.now(timezone.utc) - timedelta(seconds=2)
    created = alice.post(audio(), text("duration", "1")).json()
    answered = datetime.fromisoformat(created["createdAt"].replace("Z", "+00:00"))
    assert before <= answered <= datetime.now(timezone.utc) + timedelta(seconds=2)
    query = 'SELECT "createdAt", "updatedAt" FROM speaking_sessions WHERE id = %s'
    written, updated = db.execute(query, [created["id"]]).fetchone()
    assert written == answered.replace(tzinfo=None)
    assert written <= updated <= written + timedelta(seconds=60)
    user = 'SELECT "createdAt" FROM users WHERE "externalId" = %s'
    assert abs(db.value(user, alice.user) - written) < timedelta(seconds=60)


@pytest.mark.parametrize(
    "type, extension",
    [
        ("audio/webm", "webm"),
        ("AUDIO/WebM;codecs=opus", "webm"),
        ("audio/svg+xml", "svg+xml"),
        ("audio/x-m4a", "x-m4a"),
        ("audio/vnd.wave;codec=1", "vnd.wave"),
        ("audio/we$bm", "webm"),
        ("audio/" + "a" * 32, "a" * 32),
        ("audio/" + "a" * 33, "webm"),
        ('  audio/ogg ; codecs="opus, vorbis"  ', "ogg"),
    ],
)
def test_key_ends_in_the_subtype_and_object_keeps_the_type(alice, db, bucket, type, extension):
    key = db.session(alice.upload(b"sound", type))["audioUrl"]
    assert key.endswith(f"/audio.{extension}")
    assert bucket.get(key) == (b"sound", type.strip())


def test_file_of_exactly_50_mib_is_stored(alice, db, bucket):
    data = os.urandom(1 << 20) * 50
    assert len(data) == MAX_FILE_BYTES
    stored, _ = bucket.get(db.session(alice.upload(data))["audioUrl"])
    assert hashlib.sha256(stored).digest() == hashlib.sha256(data).digest()


def test_file_of_one_byte_more_is_refused(alice, db):
    response = alice.post(audio(bytes(MAX_FILE_BYTES + 1)), text("duration", "1"))
    assert_error(response, 413, "INVALID_FILE")
    assert not db.session_count(alice.user)


def test_upload_in_chunks_without_a_length_is_stored(alice, db, bucket):
    body, content_type = form(audio(b"z" * 300_000), text("duration", "1"))
    pieces = (body[start : start + 10_000] for start in range(0, len(body), 10_000))
    headers = {"Content-Type": content_type}
    response = alice.request("POST", "/api/sessions", data=pieces, headers=headers)
    assert response.status_code == 201, response.text
    assert bucket.get(db.session(response.json()["id"])["audioUrl"])[0] == b"z" * 300_000


def test_recording_that_looks_like_delimiters_is_stored(alice, db, bucket):
    near = f"\r\n--{BOUNDARY}"[:-1].encode()
    data = near * 2000 + b"\r" * 5000 + b"\r\n--" * 3000 + b"-" * 5000 + b"\r\n"
    stored, _ = bucket.get(db.session(alice.upload(data))["audioUrl"])
    assert stored == data


def test_second_upload_belongs_to_the_same_user(alice, db):
    first, second = alice.upload(), alice.upload()
    assert first != second
    assert db.session(first)["userId"] == db.session(second)["userId"]


def test_first_uploads_at_once_make_one_user(alice, db):
    statuses = []

    def upload():
        body, content_type = form(audio(), text("duration", "1"))
        headers = {"Content-Type": content_type}
        response = alice.request("POST", "/api/sessions", data=body, headers=headers)
        statuses.append(response.status_code)

    threads = [threading.Thread(target=upload) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [201] * 8
    assert db.value('SELECT count(*) FROM users WHERE "externalId" = %s', alice.user) == 1
    assert db.session_count(alice.user) == 8


@pytest.mark.parametrize("attempt", range(5))
@pytest.mark.parametrize(
    "headers, status, code",
    [
        ({"Content-Type": "text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"Sec-Fetch-Site": "cross-site"}, 403, "CSRF_REJECTED"),
    ],
    ids=["415", "403"],
)
def test_answer_before_the_body_is_read_reaches_the_client(alice, headers, status, code, attempt):
    """nginx is still handing the body over when the answer is there: it must not make that 502."""
    response = alice.request("POST", "/api/sessions", data=bytes(30_000_000), headers=headers)
    assert_error(response, status, code)


# The rules below the table


def test_first_part_of_a_name_wins(alice, db, bucket):
    response = alice.post(
        audio(b"first"),
        audio(b"second"),
        *[text("duration", value) for value in ("5", "nonsense")],
        *[text("topic", value) for value in ("one", "x" * 501)],
        *[text("language", value) for value in ("fr", "!")],
    )
    assert response.status_code == 201, response.text
    session = db.session(response.json()["id"])
    assert (session["durationSecs"], session["topic"], session["language"]) == (5, "one", "fr")
    assert bucket.get(session["audioUrl"])[0] == b"first"


def test_text_called_audio_before_the_file_is_no_audio(alice):
    response = alice.post(text("audio", "x"), audio(), text("duration", "1"))
    assert_error(response, 400, "MISSING_AUDIO")


@pytest.mark.parametrize("filename", ["", "a;b.webm", "%22quoted%22.webm", "ü.webm", 'a\\"b'])
def test_any_filename_makes_a_file(alice, filename):
    assert alice.post(audio(filename=filename), text("duration", "1")).status_code == 201


def test_unknown_fields_preamble_and_epilogue_are_read_past(alice, db, bucket):
    body, content_type = form(
        text("noise", "x" * 1_000_000),
        file("attachment", b"\0" * 1_000_000, "application/pdf"),
        text("", "no name to speak of"),
        audio(b"sound"),
        text("duration", "1"),
        part(["Content-Disposition: form-data; name=later", "X-Own: \u00fc"], "\0\1"),
        preamble=b"This is a multipart message.\r\n",
        epilogue=b"--and this is after it\r\n" * 10,
    )
    headers = {"Content-Type": content_type}
    response = alice.request("POST", "/api/sessions", data=body, headers=headers)
    assert response.status_code == 201, response.text
    assert bucket.get(db.session(response.json()["id"])["audioUrl"])[0] == b"sound"


def test_escapes_in_a_name_are_only_the_browsers_own(alice):
    named = audio(b"x").replace(b'name="audio"', b'name="%61udio"')
    assert_error(alice.post(named, text("duration", "1")), 400, "MISSING_AUDIO")


@pytest.mark.parametrize(
    "parts",
    [
        [audio().replace(b'name="audio"', b"name=audio")],
        [audio().replace(b"form-data;", b"Form-Data ;")],
        [audio().replace(b"Content-Disposition:", b"content-disposition:")],
        [audio().replace(b'filename="recording.webm"', b"filename*=UTF-8''a.webm; filename=a")],
    ],
    ids=["unquoted name", "form-data in capitals", "header in lower case", "filename*"],
)
def test_spellings_of_a_part_that_are_right_too(alice, parts):
    assert alice.post(*parts, text("duration", "1")).status_code == 201


def test_1000_parts_are_read(alice):
    fields = [text(f"field{number}", "x") for number in range(998)]
    assert alice.post(*fields, audio(), text("duration", "1")).status_code == 201


def test_headers_of_a_part_up_to_16_kib_are_read(alice):
    # The other lines and their ends come to less than 400 bytes.
    filled = audio().replace(b"\r\n\r\n", b"\r\nX-Filler: " + b"x" * 15_900 + b"\r\n\r\n", 1)
    assert alice.post(filled, text("duration", "1")).status_code == 201


def test_temporary_files_are_gone_after_the_answer(alice, stack):
    alice.upload(b"x" * 3_000_000)
    alice.post(audio(b"x" * 3_000_000), text("duration", "nonsense"))
    assert list((stack.path / "tmp").iterdir()) == []
