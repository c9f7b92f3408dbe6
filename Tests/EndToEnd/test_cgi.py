"""One request by plain CGI: the environment and standard input are all that the program gets."""

import ctypes
import os
import subprocess
import time

import fastcgi
import pytest
from client import assert_error
from commands import said
from forms import audio, form, text

from stack.part import plain_environment


@pytest.fixture
def start(stack):
    """Starts the program with these variables (pairs, so that a name can occur twice)."""
    processes = []

    def start(given, stdin=subprocess.DEVNULL, **settings):
        ours = {**plain_environment(), **stack.settings, **settings}
        entries = [f"{name}={value}" for name, value in [*ours.items(), *given]]
        environment = (ctypes.c_char_p * (len(entries) + 1))(*map(os.fsencode, entries), None)
        program = os.fsencode(stack.program)
        arguments = (ctypes.c_char_p * 2)(program, None)
        execute = ctypes.CDLL(None).execve
        # Python itself takes a dictionary, in which a name occurs once.
        process = subprocess.Popen(
            ["false"], stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            preexec_fn=lambda: execute(program, arguments, environment),
        )  # fmt: skip
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def answer_of(process):
    return fastcgi.cgi_answer(process.communicate(timeout=20)[0])


@pytest.mark.parametrize("user", [b"bob\xff", b"bob\xfe", b"\xc3", b"\xed\xa0\x80"])
def test_user_that_is_no_utf8_is_none(start, user):
    given = fastcgi.parameters(user=os.fsdecode(user))
    assert_error(answer_of(start(given)), 401, "UNAUTHORIZED")


@pytest.mark.parametrize("second", ["alice", "bob"])
def test_user_given_twice_is_none(start, second):
    given = [*fastcgi.parameters(user="bob"), ("REMOTE_USER", second)]
    assert_error(answer_of(start(given)), 401, "UNAUTHORIZED")


def test_user_with_an_equals_sign_is_taken_whole(start, db):
    body, content_type = form(audio(), text("duration", "1"))
    process = start(fastcgi.upload(body, content_type, "a=b=李"), stdin=subprocess.PIPE)
    process.stdin.write(body)
    process.stdin.flush()
    assert answer_of(process).status_code == 201
    assert db.session_count("a=b=李") == 1


def test_body_that_stops_coming_is_given_up(start, alice, db):
    body, content_type = form(audio(b"x" * 100_000), text("duration", "1"))
    given = fastcgi.upload(body, content_type, alice.user)
    process = start(given, stdin=subprocess.PIPE, UPLOAD_DEADLINE_SECONDS="1")
    process.stdin.write(body[:50_000])
    process.stdin.flush()
    started = time.monotonic()
    # Its end would be an end of the body too, so standard input stays open until the answer.
    assert process.wait(timeout=20) == 0
    assert time.monotonic() - started < 10
    assert_error(answer_of(process), 408, "REQUEST_TIMEOUT")
    assert not db.session_count(alice.user)


def test_refusal_is_sent_while_the_body_comes_and_the_rest_is_dropped(start):
    body, content_type = form(audio(b"x" * 1_000_000), text("duration", "1"))
    given = fastcgi.upload(body, content_type, "bob", HTTP_ORIGIN="https://elsewhere.example")
    process = start(given, stdin=subprocess.PIPE)
    head = process.stdout.readline()
    assert head.startswith(b"Status: 403")
    process.stdin.write(body)
    process.stdin.flush()
    # Its length is announced, so the end of standard input is not waited for.
    assert process.wait(timeout=20) == 0
    assert_error(fastcgi.cgi_answer(head + process.stdout.read()), 403, "CSRF_REJECTED")


PART = b"--b\r\nContent-Disposition: form-data; name=audio; filename=a\r\n\r\n"


@pytest.mark.parametrize(
    "type, sent, status, code",
    [
        ("text/plain", b"", 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("multipart/form-data", b"", 400, "INVALID_MULTIPART"),
        ("multipart/form-data; boundary=b", b"--b\n", 400, "INVALID_MULTIPART"),
        ("multipart/form-data; boundary=b", PART + b"x\r\n--bx", 400, "INVALID_MULTIPART"),
        ("multipart/form-data; boundary=b", PART + bytes(52_428_801), 413, "INVALID_FILE"),
    ],
    ids=["type", "no boundary", "LF", "boundary line", "size"],
)
def test_dropping_the_rest_ends_at_the_deadline(start, type, sent, status, code):
    """And what is wrong stays what is told, although the rest is too slow as well."""
    given = fastcgi.upload(b"", type, "bob", length=60_000_000)
    process = start(given, stdin=subprocess.PIPE, UPLOAD_DEADLINE_SECONDS="3")
    process.stdin.write(sent)
    process.stdin.flush()
    started = time.monotonic()
    assert process.wait(timeout=20) == 0
    assert time.monotonic() - started < 15
    assert_error(answer_of(process), status, code)


@pytest.mark.parametrize("coding", ["chunked", "Chunked"])
@pytest.mark.parametrize("length", [None, "", "-1"])
def test_body_in_chunks_goes_on_to_the_end_of_input(start, alice, db, coding, length):
    body, content_type = form(audio(b"x" * 100_000), text("duration", "1"))
    given = dict(fastcgi.upload(body, content_type, alice.user, HTTP_TRANSFER_ENCODING=coding))
    del given["CONTENT_LENGTH"]
    if length is not None:
        given["CONTENT_LENGTH"] = length
    process = start(given.items(), stdin=subprocess.PIPE)
    answer = fastcgi.cgi_answer(process.communicate(body, timeout=20)[0])
    assert answer.status_code == 201, answer.text
    assert db.session_count(alice.user) == 1


@pytest.mark.parametrize("coding", [None, "", "gzip"])
def test_without_a_length_or_chunks_there_is_no_body(start, coding):
    others = {} if coding is None else {"HTTP_TRANSFER_ENCODING": coding}
    body, content_type = form(audio(), text("duration", "1"))
    given = dict(fastcgi.upload(body, content_type, "bob", **others))
    del given["CONTENT_LENGTH"]
    # Standard input stays open: nothing is waited for.
    process = start(given.items(), stdin=subprocess.PIPE)
    assert process.wait(timeout=20) == 0
    assert_error(answer_of(process), 400, "INVALID_MULTIPART")


@pytest.mark.parametrize("directory", ["missing", "file", "closed"])
def test_temporary_directory_that_cannot_be_used_stops_uploads_alone(
    start, run, alice, tmp_path, directory
):
    place = tmp_path / directory
    if directory == "file":
        place.write_text("")
    elif directory == "closed":
        # Root may write to any directory, but not make files in this one.
        place = "/proc/self"
    settings = {"TEMP_DIR": str(place)}
    assert answer_of(start(fastcgi.parameters(user=alice.user), **settings)).status_code == 200
    body, content_type = form(audio(), text("duration", "1"))
    upload = start(
        fastcgi.upload(body, content_type, alice.user), stdin=subprocess.PIPE, **settings
    )
    answer = fastcgi.cgi_answer(upload.communicate(body, timeout=20)[0])
    assert_error(answer, 500, "INTERNAL_ERROR")
    checked = run("check", **settings)
    assert checked.returncode == 1
    assert "TEMP_DIR" in said(checked)


def test_authorities_that_cannot_be_read_stop_what_needs_storage_alone(start, alice, tmp_path):
    """Reading them takes longer than all else, so only what needs them does."""
    authorities = tmp_path / "authorities.pem"
    authorities.write_text("no certificate")
    settings = {"R2_CA_FILE": str(authorities)}
    assert answer_of(start(fastcgi.parameters(user=alice.user), **settings)).status_code == 200
    body, content_type = form(audio(), text("duration", "1"))
    upload = start(
        fastcgi.upload(body, content_type, alice.user), stdin=subprocess.PIPE, **settings
    )
    answer, log = upload.communicate(body, timeout=20)
    assert_error(fastcgi.cgi_answer(answer), 503, "STORAGE_UNAVAILABLE")
    assert "the file with additional CAs is unusable" in log.decode()


def without_proc(*command):
    """Has a command see an empty /proc, as in the chroot of a web server."""
    hidden = 'mount -t tmpfs none /proc && exec "$@"'
    return ["unshare", "--map-root-user", "--mount", "sh", "-c", hidden, "sh", *map(str, command)]


def test_arguments_are_read_without_proc(stack):
    def run(*arguments):
        command = without_proc(stack.program, *arguments)
        environment = {**plain_environment(), **stack.settings}
        return subprocess.run(command, env=environment, capture_output=True, timeout=20)

    version = run("--version")
    assert version.returncode == 0, said(version)
    assert said(version).strip()[0].isdigit()
    assert run("check").returncode == 0
    wrong = run("check", "--no-such-option")
    assert wrong.returncode == 2 and "--no-such-option" in said(wrong)


def test_request_is_answered_without_proc(stack):
    given = {**plain_environment(), **stack.settings, **dict(fastcgi.parameters(user="nobody"))}
    command = without_proc(stack.program, "--version")
    finished = subprocess.run(command, env=given, capture_output=True, timeout=20)
    assert fastcgi.cgi_answer(finished.stdout).status_code == 200
