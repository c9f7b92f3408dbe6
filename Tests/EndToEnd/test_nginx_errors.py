"""What nginx refuses or cannot do by itself is answered in the same shape as everything else."""

import base64
import re
import socket
import threading

import pytest
import requests
from client import Client, assert_error, check_headers, send_raw
from forms import audio, text
from private_stack import PASSWORD
from waiting import wait_until

from stack.directory import ROOT


@pytest.fixture
def raw(stack):
    """Sends bytes; checks the shape of the error that comes back."""

    def send(request, status, code):
        answer = send_raw(stack.url, request)
        assert answer is not None, "closed without an answer"
        check_headers(answer)
        assert_error(answer, status, code)
        return answer

    return send


def head(line, *headers):
    return b"\r\n".join([line, *headers, b"", b""])


POST = (b"POST /api/sessions HTTP/1.1", b"Host: x")
BAD_HEADS = {
    "no request line": (400, head(b"garbage")),
    "no Host": (400, head(b"GET /api/sessions HTTP/1.1")),
    "two Hosts": (400, head(b"GET /api/sessions HTTP/1.1", b"Host: a", b"Host: b")),
    "control character in the line": (400, head(b"GET /\x01 HTTP/1.1", b"Host: x")),
    "NUL in the path": (400, head(b"GET /api/sessions/%00 HTTP/1.1", b"Host: x")),
    "path above the root": (400, head(b"GET /../x HTTP/1.1", b"Host: x")),
    "header line too long": (400, head(*POST, b"X: " + b"x" * 31_000)),
    "headers too large": (400, head(*POST, *[b"X: " + b"x" * 7000] * 10)),
    "negative length": (400, head(*POST, b"Content-Length: -1")),
    "length and chunks at once": (
        400,
        head(*POST, b"Content-Length: 3", b"Transfer-Encoding: chunked"),
    ),
    "line too long": (414, head(b"GET /" + b"x" * 31_000 + b" HTTP/1.1", b"Host: x")),
    "unknown transfer coding": (501, head(*POST, b"Transfer-Encoding: gzip")),
    "unknown version": (505, head(b"GET / HTTP/3.0", b"Host: x")),
}


@pytest.mark.smoke
@pytest.mark.parametrize("name", BAD_HEADS)
def test_head_that_is_refused(raw, name):
    status, request = BAD_HEADS[name]
    raw(request, status, "BAD_REQUEST")


@pytest.mark.parametrize(
    "path, allowed",
    [
        ("/api/sessions", "GET, HEAD, POST, OPTIONS"),
        ("/api/sessions?page=1", "GET, HEAD, POST, OPTIONS"),
        ("/api/sessions/c1", "GET, HEAD, DELETE, OPTIONS"),
        ("/api/sessions/c1/audio", "GET, HEAD, OPTIONS"),
    ],
)
def test_trace_is_refused_before_any_location_is_found(raw, path, allowed):
    request = head(f"TRACE {path} HTTP/1.1".encode(), b"Host: x")
    assert raw(request, 405, "METHOD_NOT_ALLOWED").headers["Allow"] == allowed


@pytest.mark.smoke
def test_body_over_nginxs_own_limit(raw):
    raw(head(*POST, b"Content-Length: 99999999"), 413, "INVALID_FILE")


def test_chunked_body_over_nginxs_own_limit(alice):
    pieces = (bytes(1 << 20) for _ in range(60))
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    response = alice.request("POST", "/api/sessions", data=pieces, headers=headers)
    assert_error(response, 413, "INVALID_FILE")


def test_client_that_is_sending_gets_to_read_the_refusal(stack):
    answer = send_raw(stack.url, head(*POST, b"Content-Length: 60000000"), bytes(60_000_000))
    assert_error(answer, 413, "INVALID_FILE")


# Where a location has error pages of its own

BESIDE = ["/", "/session/new", "/assets/base.css", "/elsewhere"]


@pytest.mark.parametrize("path", BESIDE)
def test_body_over_nginxs_own_limit_beside_the_api(raw, path):
    line = f"POST {path} HTTP/1.1".encode()
    raw(head(line, b"Host: x", b"Content-Length: 99999999"), 413, "INVALID_FILE")


@pytest.mark.parametrize(
    "status, code, method, path, headers",
    [
        (403, "FORBIDDEN", "GET", "/assets/", {}),
        (404, "NOT_FOUND", "GET", "/assets/nothing.js", {}),
        (404, "NOT_FOUND", "GET", "/assets/base.css/", {}),
        (405, "METHOD_NOT_ALLOWED", "PUT", "/assets/base.css", {}),
        (405, "METHOD_NOT_ALLOWED", "POST", "/", {}),
        (405, "METHOD_NOT_ALLOWED", "DELETE", "/session/new", {}),
        (412, "PRECONDITION_FAILED", "GET", "/", {"If-Match": '"x"'}),
        (412, "PRECONDITION_FAILED", "GET", "/assets/base.css", {"If-Match": '"x"'}),
        (
            412, "PRECONDITION_FAILED", "GET", "/session/new",
            {"If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        ),
    ],
)  # fmt: skip
def test_errors_beside_the_api(alice, status, code, method, path, headers):
    assert_error(alice.request(method, path, headers=headers), status, code)


@pytest.mark.parametrize("range", ["bytes=9999999-", "bytes=-0", "bytes=0-1,3-4"])
def test_pages_are_never_cut(alice, range):
    whole = alice.http.get(alice.url + "/assets/base.css")
    part = alice.http.get(alice.url + "/assets/base.css", headers={"Range": range})
    assert (part.status_code, part.content) == (200, whole.content)


def test_error_pages_are_for_every_status_that_nginx_gives():
    """Whatever has a number in nginx's own table of errors."""
    text = (ROOT / "nginx" / "error-pages.conf").read_text()
    lines = re.findall(r"(?m)^error_page ([0-9 ]+?) +[=/]", text)
    given = {int(number) for line in lines for number in line.split()}
    assert given >= {400, 401, 403, 404, 405, 408, 411, 412, 413, 414, 416, 421, 429}
    assert given >= {494, 495, 496, 497, 500, 501, 502, 503, 504, 505}


def test_no_internal_page_can_be_asked_for(alice):
    assert_error(alice.get("/_sessions/error/timeout"), 404, "NOT_FOUND")


@pytest.mark.smoke
def test_program_that_is_not_there(sites, stack):
    front = sites.nginx(stack.path / "nothing.sock")
    client = Client(front.url, "demo")
    assert_error(client.get(), 502, "UNAVAILABLE")
    assert_error(client.post(audio(), text("duration", "1")), 502, "UNAVAILABLE")


@pytest.fixture
def silent(stack, tmp_path_factory):
    """A socket on which requests are taken and never answered."""
    path = stack.path / "silent.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(16)
        yield path
    path.unlink()


def test_program_that_does_not_answer(sites, silent):
    edit = ("fastcgi.conf", "fastcgi_read_timeout 300s;", "fastcgi_read_timeout 1s;")
    client = Client(sites.nginx(silent, edits=[edit]).url, "demo")
    assert_error(client.get(), 504, "TIMEOUT")


def test_program_that_dies_while_answering(sites, stack):
    path = stack.path / "dying.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(16)
        client = Client(sites.nginx(path).url, "demo")
        threading.Thread(target=lambda: listener.accept()[0].close(), daemon=True).start()
        assert_error(client.get(), 502, "UNAVAILABLE")
    path.unlink()


def test_body_that_stops_coming_does_not_hold_the_connection(sites, stack):
    edit = ("uploads.conf", "client_body_timeout 60s;", "client_body_timeout 1s;")
    front = sites.nginx(stack.path / "responder.sock", edits=[edit])
    signed_in = b"Authorization: Basic " + base64.b64encode(b"demo:" + PASSWORD.encode())
    # nginx closes without an answer here, whatever error_page says; the page for 408 is for the
    # cases in which it does answer.
    answer = send_raw(front.url, head(*POST, b"Content-Length: 1000", signed_in), b"half of it")
    if answer is not None:
        assert_error(answer, 408, "REQUEST_TIMEOUT")
    assert '" 408 ' in (front.run.log("nginx-access")).read_text()


@pytest.fixture
def limited(sites, stack):
    """nginx with limits.conf, its rate lowered so that a test need not be fast."""
    edit = ("limits.conf", "rate=20r/s", "rate=1r/m")
    include = "    include sessions-fcgi/limits.conf;"
    front = sites.nginx(stack.path / "responder.sock", http=include, edits=[edit])
    return Client(front.url, "demo")


def test_too_many_requests_from_one_address(limited):
    responses = [limited.get() for _ in range(45)]
    assert [response.status_code for response in responses[:41]] == [200] * 41
    for response in responses[41:]:
        assert_error(response, 429, "RATE_LIMITED")


def test_limits_bind_only_the_sessions(limited):
    for _ in range(45):
        assert limited.get("/elsewhere").status_code == 404
        assert limited.http.get(limited.url + "/assets/base.css").status_code == 200


@pytest.mark.parametrize("path", ["/", "/session/new", "/session/c1", "//session//x", "/?page=2"])
def test_passwords_are_guessed_at_no_page(limited, path):
    guessing = requests.Session()
    guessing.auth = ("demo", "wrong")
    address = limited.url + path
    statuses = [guessing.get(address, headers={"Accept": "text/html"}) for _ in range(45)]
    assert [response.status_code for response in statuses[:41]] == [401] * 41
    for response in statuses[41:]:
        check_headers(response)
        assert_error(response, 429, "RATE_LIMITED")
    assert limited.get().status_code == 429


# The log


def test_failures_are_logged_as_they_came(sites, stack):
    front = sites.nginx(stack.path / "responder.sock")
    client, stranger = Client(front.url, "demo"), Client(front.url, None)
    stranger.post(audio(), text("duration", "1"))
    stranger.delete("/api/sessions/c%31?secret=1#secret")
    stranger.http.get(front.url + "/session/new?secret=1")
    client.get("/elsewhere?secret=1")
    client.post(audio(), headers={"Origin": "https://evil.example"})
    for request in (
        head(*POST, b"Content-Length: 99999999"),
        head(b"TRACE /api/sessions HTTP/1.1", b"Host: x"),
        head(b'PUT /a"b\\c\xff?secret HTTP/1.1', b"Host: x", b"Content-Length: 99999999"),
        head(b"GET http://x/api/sessions?secret HTTP/1.1", b"Host: x"),
        head(b"garbage secret"),
    ):
        assert send_raw(front.url, request)
    expected = [
        '"POST /api/sessions HTTP/1.1" 401',
        '"DELETE /api/sessions/c1 HTTP/1.1" 401',
        '"GET /session/new HTTP/1.1" 401',
        '"GET /elsewhere HTTP/1.1" 404',
        '"POST /api/sessions HTTP/1.1" 403',
        '"POST /api/sessions HTTP/1.1" 413',
        '"TRACE /api/sessions HTTP/1.1" 405',
        '"PUT /a\\x22b\\x5Cc\\xFF HTTP/1.1" 413',
        '"GET /api/sessions HTTP/1.1" 401',
        '"- - -" 400',
    ]

    def logged():
        """In any order: a request that is refused while it comes is logged when it has come."""
        lines = front.run.log(f"{front.name}-access").read_text().splitlines()
        return sorted(line.split(" sent=")[0].split(" ", 2)[2] for line in lines)

    wait_until(lambda: len(logged()) == len(expected), "a line for each request")
    assert logged() == sorted(expected)


def test_strangers_use_up_no_users_share_by_name(limited):
    """Limits count addresses: a wrong password counts too, but for the address that sent it."""
    stranger = Client(limited.url, None)
    statuses = [stranger.get().status_code for _ in range(45)]
    assert statuses[:41] == [401] * 41 and set(statuses[41:]) == {429}


@pytest.mark.parametrize("name", ["Authorization", "Cookie", "Proxy"])
def test_secrets_do_not_reach_the_logs(alice, stack, name):
    value = "c2VjcmV0OnNlY3JldA=="
    headers = {name: f"Basic {value}" if name == "Authorization" else value}
    stranger = Client(stack.url, None)
    stranger.get(f"/api/sessions?token={value}", headers=headers)
    for log in ("nginx-access", "responder"):
        assert value not in stack.log(log)
