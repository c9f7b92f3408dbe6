"""POST /api/sessions: every refusal of a form, one row of the table each."""

import pytest
from client import assert_error
from forms import BOUNDARY, audio, file, form, part, text

LONG = "x" * 1_000_000


@pytest.fixture
def post(alice, db):
    """Posts parts that must be refused, and sees to it that nothing is left of them."""

    def send(*parts, **options):
        response = alice.post(*parts, **options)
        assert not db.session_count(alice.user)
        return response

    return send


@pytest.fixture
def post_body(alice, db):
    """The same for a body of any kind."""

    def send(body, content_type):
        headers = {"Content-Type": content_type} if content_type else {}
        response = alice.request("POST", "/api/sessions", data=body, headers=headers)
        assert not db.session_count(alice.user)
        return response

    return send


@pytest.mark.smoke
@pytest.mark.parametrize(
    "parts",
    [[], [text("audio", "x")], [file("Audio", b"x", "audio/webm")], [file("", b"x", "audio/webm")]],
    ids=["none", "text field", "other case", "empty name"],
)
def test_without_an_audio_file(post, parts):
    assert_error(post(*parts, text("duration", "1")), 400, "MISSING_AUDIO")


@pytest.mark.parametrize(
    "duration",
    ["", "abc", "NaN", "inf", "Infinity", "0x10", "1e400", "-1", "-0.6", "86400.6", "86401", "1,5",
     "1.2.3", " ", "1 2", "--1", "\u0661", "\u00bd", "1\0", b"\xff", "9" * 400, LONG, "1" + LONG],
)  # fmt: skip
def test_duration_that_is_none(post, duration):
    assert_error(post(audio(), text("duration", duration)), 400, "INVALID_DURATION")


def test_without_a_duration(post):
    assert_error(post(audio()), 400, "INVALID_DURATION")


def test_duration_over_the_limit_before_rounding(post):
    assert_error(post(audio(), text("duration", "86400.1")), 400, "INVALID_DURATION")


def test_audio_of_no_bytes(post):
    assert_error(post(audio(b""), text("duration", "1")), 400, "INVALID_FILE")


@pytest.mark.parametrize(
    "type",
    [None, "", "video/webm", "application/octet-stream", "audio", "audio/", "audio/ webm",
     "audio /webm", "audio/webm, audio/ogg", "audio/webm;codecs", "audio/webm;=opus",
     "text/plain;audio/webm", "audio/we bm", "audio/webm;codecs=\"opus",
     "audio/wäv", "audiobook/mp3"],
)  # fmt: skip
def test_type_that_is_no_audio(post, type):
    assert_error(post(audio(b"sound", type), text("duration", "1")), 400, "INVALID_FILE")


@pytest.mark.parametrize(
    "topic",
    ["x" * 501, "\U0001f389" * 501, "x" * 499 + "\n\ny", "nul\0", "del\x7f", "page\x0cbreak",
     b"\xff\xfe", b"\xed\xa0\x80", LONG, "\n" + LONG, "\x1b[0m", b"\xef\xbb"],
    ids=["501 letters", "501 emoji", "501 with line ends", "nul", "delete", "form feed",
         "no UTF-8", "surrogate", "very long", "very long after a line end", "escape",
         "half a mark"],
)  # fmt: skip
def test_topic_that_is_refused(post, topic):
    parts = [audio(), text("duration", "1"), text("topic", topic)]
    assert_error(post(*parts), 400, "INVALID_FIELD")


def test_topic_of_500_scalars_is_taken(alice, db):
    topic = "\U0001f389" * 499 + "\u0301"
    assert db.session(alice.upload(topic=topic))["topic"] == topic


@pytest.mark.parametrize(
    "language",
    ["e", "english-", "-en", "en_", "_", "en_-US", "abcdefghi", "en-123456789", "en--US", "e n",
     "en US", "dé", "1n", "en_US.UTF-8", "sr_RS@latin", "C",
     "en-" + "-".join(["abcdefgh"] * 4), b"\xff", "en\0", LONG],
)  # fmt: skip
def test_language_that_is_refused(post, language):
    parts = [audio(), text("duration", "1"), text("language", language)]
    assert_error(post(*parts), 400, "INVALID_FIELD")


@pytest.mark.parametrize("language", ["en", "EN", "zh-Hant-TW", "abcdefgh", "sl-rozaj-biske-1994"])
def test_language_that_is_taken(alice, db, language):
    assert db.session(alice.upload(language=language))["language"] == language


def test_language_of_35_characters_is_taken(alice, db):
    language = "de-" + "-".join(["abcdefgh"] * 3) + "-abcde"
    assert len(language) == 35
    assert db.session(alice.upload(language=language))["language"] == language


@pytest.mark.parametrize(
    "content_type",
    [None, "application/json", "application/x-www-form-urlencoded", "multipart/mixed; boundary=x",
     "text/plain", "multipart", "multipart/form-dataX; boundary=x"],
)  # fmt: skip
def test_body_of_another_type(post_body, content_type):
    response = post_body(b'{"audio": 1}', content_type)
    assert_error(response, 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data", "multipart/form-data; boundary=", 'multipart/form-data; boundary=""',
     "multipart/form-data; boundary=" + "b" * 201, "multipart/form-data; boundary=a b c/",
     'multipart/form-data; boundary="ends in space "', 'multipart/form-data; boundary=a"b',
     "multipart/form-data; boundary=b; boundary=b", "multipart/form-data; boundary=bä",
     "multipart/form-data; charset=utf-8"],
)  # fmt: skip
def test_no_usable_boundary(post_body, content_type):
    body, _ = form(audio(), text("duration", "1"))
    assert_error(post_body(body, content_type), 400, "INVALID_MULTIPART")


def valid_form():
    return form(audio(), text("duration", "1"))[0]


@pytest.mark.parametrize(
    "body",
    {
        "empty": b"",
        "no delimiter": b"hello",
        "no final boundary": valid_form().removesuffix(b"--\r\n") + b"\r\n",
        "ends in the data": form(text("duration", "1"), audio(b"x" * 1000))[0][:-600],
        "ends in a header": form(audio())[0][:60],
        "part without a name": form(part(["Content-Disposition: form-data"], "x"))[0],
        "part without a disposition": form(audio(), part(["Content-Type: text/plain"], "x"))[0],
        "lines ended by LF alone": valid_form().replace(b"\r\n", b"\n"),
        "header without a colon": form(audio(), part(["Content-Disposition"], "x"))[0],
        "quoted string without its end": form(
            audio(), part(['Content-Disposition: form-data; name="x'], "x")
        )[0],
        "another boundary": form(audio(), text("duration", "1"), boundary="other")[0],
        "1001 parts": form(audio(), *[text(f"f{n}", "") for n in range(1000)])[0],
        "over 16 KiB of headers": form(
            audio().replace(b"\r\n\r\n", b"\r\nX-Filler: " + b"x" * 16_500 + b"\r\n\r\n", 1)
        )[0],
        "over 100 lines of headers": form(
            audio().replace(b"\r\n\r\n", b"\r\n" + b"X-Line: 1\r\n" * 101 + b"\r\n", 1)
        )[0],
    }.items(),
    ids=lambda item: item[0],
)
def test_broken_multipart(post_body, body):
    content_type = f"multipart/form-data; boundary={BOUNDARY}"
    assert_error(post_body(body[1], content_type), 400, "INVALID_MULTIPART")


# When several things are wrong


def test_missing_audio_comes_before_a_bad_duration(post):
    assert_error(post(text("duration", "nonsense")), 400, "MISSING_AUDIO")


def test_bad_duration_comes_before_a_bad_file(post):
    parts = [audio(b"", "video/mp4"), text("duration", "nonsense"), text("topic", "\n")]
    assert_error(post(*parts), 400, "INVALID_DURATION")


def test_bad_file_comes_before_a_bad_field(post):
    parts = [text("topic", "\n"), audio(b"x", "video/mp4"), text("duration", "1")]
    assert_error(post(*parts), 400, "INVALID_FILE")


def test_file_that_is_too_large_comes_before_everything(post):
    too_large = bytes(52_428_801)
    assert_error(post(audio(too_large, "video/mp4"), text("topic", "\n")), 413, "INVALID_FILE")


def test_error_texts_tell_nothing_of_the_inside(post, stack):
    for parts in ([], [audio(b"", "secret/type")], [audio(), text("duration", "1'; --")]):
        said = post(*parts).text
        for secret in (stack.env["R2_BUCKET_NAME"], "speaking_sessions", "/var", "SELECT"):
            assert secret not in said
