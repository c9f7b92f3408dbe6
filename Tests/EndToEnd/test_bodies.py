"""POST /api/sessions: what real clients write is taken, and what is not is told by its cause."""

import gzip
import json
import re
from pathlib import Path

import fastcgi
import pytest
from client import assert_error
from forms import BOUNDARY, audio, file, form, part, text

from stack.directory import ROOT

CLIENTS = Path(__file__).resolve().parents[1] / "MultipartTests" / "Clients"
MANIFEST = json.loads((CLIENTS / "manifest.json").read_text())
AUDIO = bytes.fromhex(MANIFEST["audio"])


@pytest.fixture
def post_body(alice):
    """Posts a body as it stands."""

    def send(body, content_type=f"multipart/form-data; boundary={BOUNDARY}", **headers):
        headers = {"Content-Type": content_type, **headers}
        return alice.request("POST", "/api/sessions", data=body, headers=headers)

    return send


@pytest.fixture
def stored(db, bucket):
    """The session that a response tells of, and its recording."""

    def read(response):
        assert response.status_code == 201, response.text
        session = db.session(response.json()["id"])
        return session, bucket.get(session["audioUrl"])[0]

    return read


@pytest.mark.parametrize("client", MANIFEST["clients"], ids=lambda client: client["file"])
def test_form_of_a_client_library(post_body, stored, client):
    head, _, body = (CLIENTS / client["file"]).read_bytes().partition(b"\r\n\r\n")
    fields = dict(line.split(": ", 1) for line in head.decode("latin-1").split("\r\n")[1:])
    if "Transfer-Encoding" in fields:
        body = iter([body[:99], body[99:]])  # requests sends these as chunks
    session, recording = stored(post_body(body, fields["Content-Type"].encode("latin-1")))
    assert recording == AUDIO
    assert session["durationSecs"] == 12
    assert session["topic"] == "one two é"
    assert session["language"] == "pt-BR"


def test_document_tells_of_each_client_what_it_is():
    """Its file once, its version beside it, and whether it was guessed."""
    told = {}
    for line in (ROOT / "docs" / "clients.md").read_text().split("## Front ends")[0].splitlines():
        if line.startswith("| "):
            _, _, version, _, files, _ = line.split("|")
            for file in re.findall("`([^`]+)`", files):
                assert file not in told
                told[file] = version.strip()
    for client in MANIFEST["clients"]:
        version = "guessed" if client.get("guessed") else client["version"].split(" (HTTP")[0]
        assert told.pop(client["file"].removesuffix(".http")) == version
    assert told == {}


@pytest.mark.parametrize(
    "boundary",
    ["===1700000000000===", "*****", "{0}", "7" * 77, "b" * 200, "--", "a/b?c=d@e[f]", "b,c<d>",
     "'\\b\\'", "x~!#$%&|^`+", "b", "-", "=", "Boundary+0xAbCdEf:1", "----=_NextPart_000_0001.0",
     "dart-http-boundary-'()+_,-./:=?", "__X_BOUNDARY__", "{6F9619FF-8B86-D011-B42D-00CF4FC964FF}"],
)  # fmt: skip
def test_boundary_that_is_not_quoted(post_body, stored, boundary):
    body, content_type = form(text("duration", "12"), audio(AUDIO), boundary=boundary)
    assert content_type == f"multipart/form-data; boundary={boundary}"
    assert stored(post_body(body, content_type))[1] == AUDIO


@pytest.mark.parametrize("boundary", ["a b c/", "a;b", "=(x, y)=", " b"])
def test_boundary_in_quotes(post_body, stored, boundary):
    body, _ = form(text("duration", "12"), audio(AUDIO), boundary=boundary)
    content_type = f'multipart/form-data; boundary="{boundary}"; charset=utf-8'
    assert stored(post_body(body, content_type))[1] == AUDIO


@pytest.mark.parametrize(
    "shape",
    ["multipart/form-data;boundary={}", "multipart/form-data; boundary={};",
     "multipart/form-data; boundary={}; charset=utf-8", "multipart/form-data;boundary={} ;x=y",
     "multipart/form-data; charset=utf-8; boundary={}", "Multipart/Form-Data; BOUNDARY={}",
     "multipart/form-data \t; \tboundary={}\t",
     'multipart/form-data; x="; boundary=z"; boundary={}'],
)  # fmt: skip
def test_type_around_a_boundary(post_body, stored, shape):
    boundary = "==a:b/c=="
    body, _ = form(text("duration", "12"), audio(AUDIO), boundary=boundary)
    assert stored(post_body(body, shape.format(boundary)))[1] == AUDIO


@pytest.mark.parametrize(
    "ending",
    [b"--", b"--\n", b"--\r", b"-- \t\r\n", b"--\r\nepilogue", b"--\0\0", b"--X--\r\n",
     b"--\r\n--" + BOUNDARY.encode() + b"\r\nno part\r\n"],
)  # fmt: skip
def test_closing_line(post_body, stored, ending):
    body, _ = form(text("duration", "12"), audio(AUDIO))
    assert stored(post_body(body.removesuffix(b"--\r\n") + ending))[1] == AUDIO


@pytest.mark.parametrize(
    "topic, kept",
    [
        ("one\r\ntwo", "one two"),
        ("one\ntwo\rthree", "one two three"),
        ("one\t\r\n\n\ttwo", "one two"),
        ("one \n two", "one   two"),
        ("tab\there", "tab here"),
        ("\ufeffmark", "mark"),
        ("in\ufeffside", "in\ufeffside"),
        ("\ufeff", None),
        ("x" * 499 + "\r\n", "x" * 499 + " "),
    ],
)
def test_topic_on_one_line(alice, db, topic, kept):
    assert db.session(alice.upload(topic=topic))["topic"] == kept


@pytest.mark.parametrize(
    "language, kept",
    [("en_US", "en-US"), ("zh_Hant_TW", "zh-Hant-TW"), (" de\r\n", "de"), ("\tfr ", "fr"),
     ("\ufeffit", "it"), ("\ufeff", "en"), (" ", "en"), ("\ufeff pt_BR\n", "pt-BR"),
     ("_".join(["de", "abcdefgh", "1"]), "de-abcdefgh-1")],
)  # fmt: skip
def test_language_as_systems_write_it(alice, db, language, kept):
    assert db.session(alice.upload(language=language))["language"] == kept


@pytest.mark.parametrize(
    "duration, seconds",
    [("61", 61), ("0.5", 1), (".5", 1), ("5.", 5), ("007", 7), ("86400", 86400)],
)
def test_mark_before_a_duration(alice, db, duration, seconds):
    assert db.session(alice.upload(duration=f"\ufeff{duration}"))["durationSecs"] == seconds


@pytest.mark.parametrize("encoding", ["", "7bit", "8bit", "BINARY"])
def test_transfer_encoding_that_changes_nothing(post_body, stored, encoding):
    disposition = 'Content-Disposition: form-data; name="audio"; filename="a.webm"'
    lines = [disposition, "Content-Type: audio/webm", f"Content-Transfer-Encoding: {encoding}"]
    body, _ = form(part(lines, AUDIO), text("duration", "12"))
    assert stored(post_body(body))[1] == AUDIO


@pytest.mark.parametrize(
    "encoding",
    ["base64", "BASE64", "quoted-printable", "x-uuencode", "7bit, 8bit", '"7bit"', "7bit;", "gzip"],
)
@pytest.mark.parametrize("field", ["audio", "topic", "unknown"])
def test_transfer_encoding_that_changes_the_body(alice, db, post_body, encoding, field):
    lines = [f'Content-Disposition: form-data; name="{field}"']
    lines.append(f"Content-Transfer-Encoding: {encoding}")
    body, _ = form(part(lines, "eA=="), audio(), text("duration", "12"))
    said = assert_error(post_body(body), 400, "INVALID_MULTIPART")["error"]
    assert all(name in said for name in ("7bit", "8bit", "binary"))
    assert not db.session_count(alice.user)


@pytest.mark.parametrize("name", ["end\\", "C:\\fakepath\\", 'a\\"b\\', "a\\\\", "\\"])
def test_file_name_that_ends_in_a_backslash(post_body, stored, name):
    body, _ = form(file("audio", AUDIO, "audio/webm", name), text("duration", "12"))
    assert stored(post_body(body))[1] == AUDIO


# What is refused, by its true cause


@pytest.mark.parametrize("boundary", ["xyz", "undefined", BOUNDARY + "x", BOUNDARY[:-1]])
def test_boundary_of_another_body(post_body, boundary):
    body, _ = form(audio(), text("duration", "12"))
    response = post_body(body, f"multipart/form-data; boundary={boundary}")
    said = assert_error(response, 400, "INVALID_MULTIPART")["error"]
    assert "is the boundary in Content-Type the one in the body?" in said


@pytest.mark.parametrize(
    "body, cause",
    [
        (b"", "empty"),
        (form(audio())[0].removesuffix(b"--\r\n"), "ended early"),
        (b"\n" + form(text("topic", "x"), audio())[0], "LF without CR"),
        (b"preamble\n" + form(text("topic", "x"), audio())[0], "LF without CR"),
        (form(audio())[0].replace(b"\r\n", b"\n"), "LF without CR"),
        (
            form(part(['Content-Disposition: form-data; name="x"',
                       "Content-Transfer-Encoding: base64"], "eA=="))[0],
            "other than 7bit, 8bit and binary",
        ),
    ],
)  # fmt: skip
def test_malformed_form_is_told_by_its_cause(alice, db, post_body, body, cause):
    assert cause in assert_error(post_body(body), 400, "INVALID_MULTIPART")["error"]
    assert not db.session_count(alice.user)


@pytest.mark.parametrize("name", ['a"b', '"', '"a"', 'end"', 'a" b', 'x"; name="y', 'a"\\'])
@pytest.mark.parametrize("parameter", ["name", "filename"])
def test_quotation_mark_that_is_not_escaped(alice, db, post_body, parameter, name):
    """Some clients write names so (docs/clients.md), and where they end cannot be told."""
    names = {"name": "audio", "filename": "a.webm", parameter: name}
    said = "; ".join(f'{key}="{value}"' for key, value in names.items())
    lines = [f"Content-Disposition: form-data; {said}", "Content-Type: audio/webm"]
    body, _ = form(part(lines, AUDIO), text("duration", "12"))
    assert_error(post_body(body), 400, "INVALID_MULTIPART")
    assert not db.session_count(alice.user)


@pytest.mark.parametrize(
    "filename",
    ["filename*=UTF-8''a%22%C3%A9.webm", "filename*=utf-8'en'a.webm", "filename*=\"UTF-8''a.webm\"",
     'filename*0="a"; filename*1=".webm"', "FILENAME*=''a", 'file-name="a.webm"'],
)  # fmt: skip
def test_file_whose_name_is_not_told_as_filename(alice, db, post_body, filename):
    """RFC 7578 forbids filename*: libsoup sends such a name alone, and the part is a text."""
    lines = [
        f'Content-Disposition: form-data; name="audio"; {filename}',
        "Content-Type: audio/webm",
    ]
    body, _ = form(part(lines, AUDIO), text("duration", "12"))
    assert_error(post_body(body), 400, "MISSING_AUDIO")
    assert not db.session_count(alice.user)


@pytest.mark.parametrize(
    "ending",
    ["", "\r", "\r\n", "\r\n-", "\r\n--", "\r\n--{}", "\r\n--{}-", "\r\n--{}\r\n", "\n--{}--\r\n",
     "\r\n--{}x", "\r\n--x--\r\n", "\r\n{}--\r\n"],
)  # fmt: skip
def test_closing_line_that_is_missing(alice, db, post_body, ending):
    """All of the recording may be there, and half of it looks the same."""
    body, _ = form(text("duration", "12"), audio())
    whole = body.removesuffix(f"\r\n--{BOUNDARY}--\r\n".encode())
    response = post_body(whole + ending.format(BOUNDARY).encode())
    assert_error(response, 400, "INVALID_MULTIPART")
    assert not db.session_count(alice.user)


@pytest.mark.parametrize(
    "coding",
    ["gzip", "br", "GZIP", "gzip, identity", "aws-chunked", "x", "deflate", "zstd", "compress",
     "x-gzip", "identity, gzip", "gzip;q=1", "identity;q=1", "8bit", "utf-8"],
)  # fmt: skip
def test_content_coding_is_not_taken(alice, db, post_body, coding):
    body, _ = form(audio(), text("duration", "12"))
    response = post_body(gzip.compress(body), **{"Content-Encoding": coding})
    said = assert_error(response, 415, "UNSUPPORTED_MEDIA_TYPE")["error"]
    assert "Content-Encoding" in said
    assert not db.session_count(alice.user)


@pytest.mark.parametrize("codings", [["identity", "gzip"], ["gzip", "identity"], ["", "br"]])
def test_content_coding_beside_one_that_is_none(stack, alice, db, codings):
    body, content_type = form(audio(), text("duration", "1"))
    given = fastcgi.upload(body, content_type, alice.user)
    given += [("HTTP_CONTENT_ENCODING", coding) for coding in codings]
    answer = fastcgi.ask(stack.path / "responder.sock", given, body)
    assert_error(answer, 415, "UNSUPPORTED_MEDIA_TYPE")
    assert not db.session_count(alice.user)


@pytest.mark.parametrize("coding", ["", "identity", "Identity"])
def test_content_coding_that_is_none(post_body, stored, coding):
    body, _ = form(audio(AUDIO), text("duration", "12"))
    assert stored(post_body(body, **{"Content-Encoding": coding}))[1] == AUDIO


# The order of keys


def test_created_session_byte_for_byte(alice):
    response = alice.post(audio(), text("duration", "12"))
    created = response.json()
    expected = (
        f'{{"id":"{created["id"]}","status":"UPLOADED","createdAt":"{created["createdAt"]}",'
        '"estimatedWaitSecs":30}'
    )
    assert response.content == expected.encode()


def test_failure_byte_for_byte(alice):
    expected = b'{"error":"Session not found","code":"SESSION_NOT_FOUND"}'
    alice.upload()
    assert alice.delete("/api/sessions/cnone").content == expected


def test_list_has_its_keys_in_order(alice):
    alice.upload()
    body = alice.get().json()
    assert list(body) == ["sessions", "total", "page", "limit"]
    session = ["id", "status", "durationSecs", "language", "topic", "createdAt", "updatedAt"]
    assert list(body["sessions"][0]) == session
