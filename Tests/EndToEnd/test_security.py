"""What an attacker would try; docs/threat-model.md has the whole list.

Attacks that belong to one subject are tested there: test_identity, test_csrf, test_protocol.
"""

import base64
import json
import re
import secrets
import socket
from urllib.parse import urlsplit

import fastcgi
import pytest
from client import SAID, Client, assert_error, send_raw
from forms import audio, file, form, part, text
from leaks import leaks, secrets_of
from private_stack import PASSWORD

from stack.directory import ROOT

CONTROL = re.compile(rb"[\x00-\x09\x0b-\x1f\x7f]")
TEXT_LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \w+ [\w ,.:'/-]+")
ACCESS_LINE = re.compile(r'\d{4}-\S+ 127\.0\.0\.1 "[^"]*" \d{3} sent=\d+ received=\d+ .* id=\w+')


def basic(user, password=PASSWORD):
    return b"Authorization: Basic " + base64.b64encode(f"{user}:{password}".encode())


def head(line, *headers):
    return b"\r\n".join([line, b"Host: x", *headers, b"", b""])


# Somebody else's identity

SPELLINGS = [
    "REMOTE_USER", "Remote_User", "remote-user", "REMOTE-USER", "X-Remote-User", "X_REMOTE_USER",
    "HTTP_REMOTE_USER", "HTTP-REMOTE-USER", "X-Auth-Request-User", "X-Forwarded-User", "X-User-Id",
    "X-User", "From", "AUTH_USER", "REMOTE_IDENT", "Redirect-Remote-User", "X-Original-User",
]  # fmt: skip


@pytest.mark.parametrize("header", SPELLINGS)
def test_no_spelling_of_a_header_is_an_identity(stack, alice, bob, header):
    theirs = alice.upload()
    bob.upload()
    line = f"{header}: {alice.user}".encode()
    request = f"GET /api/sessions/{theirs} HTTP/1.1".encode()
    for headers in ([line], [line, line], [line, basic(alice.user, "wrong")]):
        assert_error(send_raw(stack.url, head(request, *headers)), 401, "UNAUTHORIZED")
    for headers in ([line, basic(bob.user)], [basic(bob.user), line, line]):
        assert_error(send_raw(stack.url, head(request, *headers)), 404, "SESSION_NOT_FOUND")


@pytest.mark.parametrize("header", ["Remote-Email", "REMOTE_EMAIL", "Remote-Name", "X-User-Name"])
def test_no_header_gives_a_user_an_address_or_a_name(alice, db, header):
    response = alice.post(audio(), text("duration", "1"), headers={header: "boss@example.com"})
    assert response.status_code == 201
    query = 'SELECT email, "displayName" FROM users WHERE "externalId" = %s'
    assert db.execute(query, [alice.user]).fetchone() == (None, None)


@pytest.mark.parametrize("order", [1, -1])
def test_second_authorization_is_no_second_identity(stack, alice, order):
    """Checked by one and believed from the other would let anyone in."""
    theirs = alice.upload()
    both = [basic("demo", "demo"), basic(alice.user, "wrong")][::order]
    answer = send_raw(stack.url, head(f"GET /api/sessions/{theirs} HTTP/1.1".encode(), *both))
    assert answer.status_code in (400, 401, 404), answer.text


@pytest.mark.parametrize(
    "shape",
    ["{id}%00", "{id}%0a", "{id}/../{id}", "{id};x", "%2e%2e/sessions/{id}", "{id}%2faudio", "%25",
     "_{tail}", "{id}' OR '1'='1", "{upper}", " {id}", "{id}%20"],
)  # fmt: skip
def test_no_way_of_writing_an_id_reaches_anothers_session(alice, bob, db, shape):
    theirs = alice.upload()
    bob.upload()
    path = shape.format(id=theirs, tail=theirs[1:], upper=theirs.upper())
    for method in ("GET", "DELETE"):
        assert bob.request(method, f"/api/sessions/{path}").status_code in (400, 404, 405)
    assert db.session(theirs)


def test_cursor_of_another_shows_only_ones_own(alice, bob):
    for client in (bob, alice, alice):
        client.upload()
    cursor = alice.get("/api/sessions?limit=1&cursor=").json()["nextCursor"]
    mine = [item["id"] for item in bob.get().json()["sessions"]]
    answer = bob.get(f"/api/sessions?cursor={cursor}").json()
    assert [item["id"] for item in answer["sessions"]] == mine


@pytest.mark.parametrize("name", ["../../victim", "a/b", "..", "%2e%2e%2f"])
def test_nothing_a_client_says_shapes_an_objects_key(new_client, db, name):
    client = new_client(f"{name}-{secrets.token_hex(4)}")
    response = client.post(
        file("audio", b"x", "audio/..webm", f"{name}.webm"), text("duration", "1")
    )
    key = db.session(response.json()["id"])["audioUrl"]
    assert re.fullmatch(r"sessions/c[0-9a-z]{24}/c[0-9a-z]{24}/audio\.\.\.webm", key)


# Another site's page


@pytest.mark.parametrize(
    "header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"]
)
def test_method_is_the_one_in_the_request_line(alice, db, header):
    """GET and POST are what a page can make a browser send without asking first."""
    session = alice.upload()
    path = f"/api/sessions/{session}?_method=DELETE"
    assert alice.get(path, headers={header: "DELETE"}).status_code == 200
    response = alice.request("POST", path, data="_method=DELETE", headers={header: "DELETE"})
    assert_error(response, 405, "METHOD_NOT_ALLOWED")
    assert db.session(session)


@pytest.mark.parametrize("type", ["text/plain", "application/x-www-form-urlencoded"])
def test_form_of_another_site_cannot_delete_or_upload(alice, db, type):
    headers = {"Origin": "https://evil.example", "Content-Type": type}
    response = alice.request("POST", "/api/sessions", data=form(audio())[0], headers=headers)
    assert_error(response, 403, "CSRF_REJECTED")


@pytest.mark.parametrize("order", [1, -1])
def test_second_origin_does_not_hide_the_first(stack, alice, db, order):
    body, content_type = form(audio(), text("duration", "1"))
    origins = [b"Origin: http://x", b"Origin: https://evil.example"][::order]
    answer = send_raw(
        stack.url,
        head(
            b"POST /api/sessions HTTP/1.1", basic(alice.user), *origins,
            b"Content-Type: " + content_type.encode(), b"Content-Length: %d" % len(body),
        ) + body,
    )  # fmt: skip
    assert answer.status_code in (400, 403), answer.text
    assert not db.session_count(alice.user)


def test_pages_of_other_sites_may_not_read_answers(alice):
    response = alice.get(headers={"Origin": "https://evil.example"})
    assert not [name for name in response.headers if name.lower().startswith("access-control")]


# Two readers of one request

AMBIGUOUS = {
    "length and chunks": [b"Content-Length: %(all)d", b"Transfer-Encoding: chunked"],
    "chunks and length": [b"Transfer-Encoding: chunked", b"Content-Length: %(all)d"],
    "two lengths": [b"Content-Length: 5", b"Content-Length: %(all)d"],
    "list of lengths": [b"Content-Length: 5, %(all)d"],
    "signed length": [b"Content-Length: +5"],
    "hexadecimal length": [b"Content-Length: 0x5"],
    "length past 2^64": [b"Content-Length: 18446744073709551621"],
    "other coding": [b"Transfer-Encoding: xchunked"],
    "list of codings": [b"Transfer-Encoding: chunked, identity"],
    "two codings": [b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity"],
    "quoted coding": [b'Transfer-Encoding: "chunked"'],
    "space before the colon": [b"Transfer-Encoding : chunked"],
    "vertical tab": [b"Transfer-Encoding: \x0bchunked"],
    "folded": [b"X: y", b" Transfer-Encoding: chunked"],
    "NUL in the name": [b"Transfer\0-Encoding: chunked"],
    "bare CR": [b"X: y\rTransfer-Encoding: chunked"],
}


def hidden_delete(session, user):
    line = f"DELETE /api/sessions/{session} HTTP/1.1".encode()
    return head(line, basic(user), b"Connection: close")


def post_with_hidden(stack, headers, body):
    """Sends a POST, and reads until nginx has nothing more to say."""
    headers = [basic("demo", "demo"), b"Content-Type: text/plain", *headers]
    request = head(b"POST /api/sessions HTTP/1.1", *headers) + body
    address = urlsplit(stack.url)
    received = b""
    with socket.create_connection((address.hostname, address.port), timeout=2) as peer:
        peer.sendall(request)
        try:
            while piece := peer.recv(65536):
                received += piece
        except (TimeoutError, ConnectionResetError):
            pass
    return received


def test_hidden_request_is_one_that_would_run(stack, alice, db):
    """Where both readers agree, it is simply the next request: the tests below can fail."""
    session = alice.upload()
    body = b"0\r\n\r\n" + hidden_delete(session, alice.user)
    assert post_with_hidden(stack, [b"Content-Length: 5"], body).count(b"HTTP/1.1 ") == 2
    assert db.session(session) is None


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_length_that_can_be_read_in_two_ways_hides_no_request(stack, alice, db, name):
    session = alice.upload()
    body = b"0\r\n\r\n" + hidden_delete(session, alice.user)
    headers = [line.replace(b"%(all)d", b"%d" % len(body)) for line in AMBIGUOUS[name]]
    if not any(line.startswith(b"Content-Length") for line in headers):
        headers.append(b"Content-Length: %d" % len(body))
    answers = post_with_hidden(stack, headers, body)
    assert answers.count(b"HTTP/1.1 ") <= 1 and b"HTTP/1.1 20" not in answers
    assert db.session(session), "the hidden request ran"


@pytest.mark.parametrize(
    "chunks",
    [b"ffffffffffffffff5\r\n", b"-5\r\n", b"0x5\r\n", b"5\r\nhelloX\r\n", b"\r\n", b"5;\0\r\n"],
)
def test_chunks_that_are_none_hide_no_request(stack, alice, db, chunks):
    session = alice.upload()
    body = chunks + b"0\r\n\r\n" + hidden_delete(session, alice.user)
    answers = post_with_hidden(stack, [b"Transfer-Encoding: chunked"], body)
    assert answers.count(b"HTTP/1.1 ") <= 1 and b"HTTP/1.1 20" not in answers
    assert db.session(session), "the hidden request ran"


@pytest.mark.parametrize("shift", [0, 8, 100, 4096])
def test_forged_records_in_a_body_are_never_run(stack, alice, db, shift):
    """As in test_protocol, but through nginx: an early answer leaves the body unread."""
    session = alice.upload()
    given = fastcgi.parameters("DELETE", f"/api/sessions/{session}", alice.user)
    forged = fastcgi.begin() + fastcgi.stream(fastcgi.PARAMS, fastcgi.pairs(given))
    forged += fastcgi.record(fastcgi.STDIN)
    body = bytes(shift) + (forged * (8192 // len(forged) + 1))[:8192].ljust(8192, b"\0") * 20
    headers = {"Content-Type": "text/plain"}
    attacker = Client(stack.url, "demo")
    attacker.http.auth = ("demo", "demo")
    response = attacker.request("POST", "/api/sessions", data=body, headers=headers)
    assert_error(response, 415, "UNSUPPORTED_MEDIA_TYPE")
    assert db.session(session) is not None


# Lines of their own in the logs

NASTY = "x\r\n2026-01-01T00:00:00.000Z info forged\x1b[2J\x1b]0;t\x07\x7f\"=' \u009b1m\u2028"


def nasty_requests(alice):
    """NASTY in everything of a request that comes from a client and passes nginx."""
    quoted = "".join(f"%{byte:02x}" for byte in NASTY.encode())
    yield lambda: alice.get(f"/api/sessions/{quoted}")
    yield lambda: alice.get(f"/{quoted}")
    yield lambda: alice.get(f"/api/sessions?page={quoted}&cursor={quoted}")
    latin = NASTY.replace("\r\n", " ").encode().decode("latin-1")
    for name in ("X-Request-Id", "Request-Id", "Origin", "User-Agent", "Referer", "Range"):
        yield lambda name=name: alice.get(headers={name: latin})
    strange = [f'Content-Disposition: form-data; name="{quoted}"', f"X: {latin}"]
    for parts in (
        [file(quoted, b"", "audio/webm", quoted)],
        [audio(b"x", NASTY.replace("\r\n", "")), text("duration", "1")],
        [audio(b"x"), text("duration", NASTY)],
        [audio(b"x"), text("duration", "1"), text("topic", NASTY)],
        [audio(b"x"), text("duration", "1"), text("language", NASTY)],
        [part(strange, NASTY)],
    ):
        yield lambda parts=parts: alice.post(*parts)


def check_lines(log, pattern):
    """Every line is one of ours, and none holds what a terminal would obey."""
    assert log and not CONTROL.search(log), CONTROL.search(log)
    for line in log.decode().splitlines():
        assert pattern(line), line


def test_client_cannot_write_lines_of_the_logs(sites):
    client = sites.client(LOG_FORMAT="text")
    sent = [request() for request in nasty_requests(client)]
    assert len(sent) > 10
    responder = client.responder.run.log("responder").read_bytes()
    check_lines(responder, TEXT_LINE.match)
    check_lines(client.nginx.run.log("nginx-access").read_bytes(), ACCESS_LINE.fullmatch)
    assert b"forged\x1b" not in responder and b"info forged" not in responder


@pytest.mark.parametrize("format", ["text", "json"])
@pytest.mark.parametrize(
    "name", ["REQUEST_METHOD", "REQUEST_ID", "REQUEST_URI", "REMOTE_USER", "HTTP_ORIGIN"]
)
def test_web_server_that_passes_everything_cannot_either(sites, format, name):
    """What another front end might not check."""
    site = sites.responder(LOG_FORMAT=format)
    given = [pair for pair in fastcgi.parameters("GET") if pair[0] != name]
    answer = fastcgi.ask(site.socket, [*given, (name, NASTY)])
    assert answer is not None and "forged" not in json.dumps(answer.fields)
    log = site.run.log("responder").read_bytes()
    check_lines(log, TEXT_LINE.match if format == "text" else json.loads)
    assert b"forged" not in log


# What the documents promise


def test_every_test_that_the_threat_model_names_is_there():
    model = (ROOT / "docs" / "threat-model.md").read_text()
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", model)
    assert len(named) > 20
    for name, test in named:
        assert f"def {test}(" in (ROOT / "Tests" / "EndToEnd" / name).read_text(), test
    for name in re.findall(r"`(test_\w+\.py)[`:]", model):
        assert (ROOT / "Tests" / "EndToEnd" / name).exists(), name
    for path in re.findall(r"`((?:Tests|scripts)/[\w/.]+)`", model):
        assert (ROOT / path).exists(), path


# Secrets


def test_no_secret_is_in_any_log_or_answer_of_this_run(stack, alice):
    """So far. The stack's fixture looks again when all tests on it are over (conftest.py)."""
    alice.upload()
    assert "request" in stack.log("responder")
    assert SAID, "nothing was recorded"
    logs = stack.path.rglob("log/*.log")
    assert not leaks(secrets_of(stack), logs, SAID)


def test_secret_in_a_log_or_an_answer_would_be_found(stack, tmp_path):
    log = tmp_path / "some.log"
    for secret in secrets_of(stack):
        for spelled in (secret, base64.b64encode(secret.encode()).decode()):
            log.write_text(f"line\nconnecting with {spelled} to it\n")
            assert leaks(secrets_of(stack), [log], ["fine"]) == [str(log)]
            assert leaks(secrets_of(stack), [], ["fine", f"no {spelled}!"]) == ["answer 1"]
