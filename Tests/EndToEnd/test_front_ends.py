"""The program under other web servers than the stack's nginx, as FastCGI and as CGI."""

import base64
import secrets

import pytest
import requests
from client import Client, assert_error, check_headers, send_raw
from forms import audio, form, text
from front_ends import FRONT_ENDS, Apache
from lifecycle import live_through
from private_stack import PASSWORD

FOREIGN = {"Origin": "https://elsewhere.example"}
JSON = {"Content-Type": "application/json"}
MIB = 1024 * 1024


@pytest.fixture(scope="module", params=FRONT_ENDS, ids=lambda kind: kind.name)
def front(request, stack, module_sites):
    return module_sites.front_end(request.param)


@pytest.fixture
def user(front):
    name = f"user-{secrets.token_hex(6)}"
    front.add_user(name)
    return Client(front.url, name)


@pytest.mark.parametrize("size", [1024, 50 * MIB])
def test_sessions_are_kept_listed_shown_heard_and_deleted(user, size):
    live_through(user, size)


NAMES = ["Remote-User", "REMOTE_USER", "remote_user", "X-Remote-User", "HTTP-REMOTE-USER"]


def test_only_whom_the_server_lets_in_is_a_user(front, user):
    """No header, no part of the query, and no name whose password is wrong."""
    theirs = user.upload()
    claims = dict.fromkeys(NAMES, user.user)
    query = f"?REMOTE_USER={user.user}"
    tries = [(method, None) for method in ["GET", "POST", "DELETE", "OPTIONS"]]
    # Few, since lighttpd answers one wrong password a second.
    for method, credentials in [*tries, ("GET", (user.user, "wrong")), ("GET", ("x", PASSWORD))]:
        answer = requests.request(
            method, f"{front.url}/api/sessions/{theirs}{query}", headers=claims, auth=credentials
        )
        assert answer.status_code == 401
        if front.refuses_in_json:
            check_headers(answer)
            assert_error(answer, 401, "UNAUTHORIZED")
    other = f"user-{secrets.token_hex(6)}"
    front.add_user(other)
    other = Client(front.url, other, claims)
    assert other.get(f"/api/sessions{query}").json()["total"] == 0
    assert_error(other.delete(f"/api/sessions/{theirs}{query}"), 404, "USER_NOT_FOUND")


def test_words_of_the_query_are_no_options(user):
    assert user.get("/api/sessions?--env-file+/dev/null").json()["total"] == 0
    assert user.get("/api/sessions?--version").json()["total"] == 0


@pytest.mark.parametrize(
    "path, status, code",
    [
        ("/api/.htaccess", 403, "FORBIDDEN"),
        ("/api/nothing", 404, "NOT_FOUND"),
        ("/api/sessions/refused-500", 500, "INTERNAL_ERROR"),
        ("/api/sessions/refused-502", 502, "UNAVAILABLE"),
        ("/api/sessions/refused-503", 503, "UNAVAILABLE"),
        ("/api/sessions/refused-504", 504, "TIMEOUT"),
    ],
)
def test_what_apache_refuses_itself_is_told_in_json(front, user, path, status, code):
    if not isinstance(front, Apache):
        return
    assert_error(user.get(path), status, code)
    assert user.head(path).status_code == status


def test_body_that_is_refused_before_it_is_read(front, user):
    if front.refuses_in_json:
        answer = user.request("POST", "/api/sessions", data=bytes(60_000_000), headers=JSON)
        assert_error(answer, 413, "INVALID_FILE")


@pytest.mark.parametrize("size", [1000, 300_000, 50 * MIB])
@pytest.mark.parametrize(
    "headers, status, code",
    [(FOREIGN, 403, "CSRF_REJECTED"), (JSON, 415, "UNSUPPORTED_MEDIA_TYPE")],
    ids=["origin", "type"],
)
def test_refusal_before_the_body_is_read_arrives(user, size, headers, status, code):
    body, content_type = form(audio(b"x" * size), text("duration", "1"))
    given = {"Content-Type": content_type, **headers}
    for _ in range(1 if size > MIB else 5):
        # lighttpd ends a kept connection of whose body it has not seen the end.
        user.http.close()
        answer = user.request("POST", "/api/sessions", data=body, headers=given)
        assert_error(answer, status, code)


def test_refusal_in_the_middle_of_the_body_arrives(user):
    answer = user.post(audio(b"x" * (50 * MIB + 1)), text("duration", "1"))
    assert_error(answer, 413, "INVALID_FILE")


@pytest.mark.parametrize("size", [1, 300_000])
def test_body_in_chunks_is_taken(front, user, size):
    if not front.takes_chunks:
        return
    body, content_type = form(audio(b"y" * size), text("duration", "1"))
    pieces = (body[start : start + 50_000] for start in range(0, len(body), 50_000))
    given = {"Content-Type": content_type}
    answer = user.request("POST", "/api/sessions", data=pieces, headers=given)
    assert answer.status_code == 201, answer.text
    found = user.get(f"/api/sessions/{answer.json()['id']}/audio")
    assert found.content == b"y" * size


def test_refusal_of_a_body_in_chunks_arrives(front, user):
    if not front.takes_chunks:
        return
    pieces = (b"x" * 50_000 for _ in range(20))
    answer = user.request("POST", "/api/sessions", data=pieces, headers=JSON)
    assert_error(answer, 415, "UNSUPPORTED_MEDIA_TYPE")


def test_refusal_arrives_at_once_where_bodies_are_passed_on(front, user):
    """As to a browser in the middle of sending: the rest of the body never comes."""
    if not front.answers_early:
        return
    token = base64.b64encode(f"{user.user}:{PASSWORD}".encode()).decode()
    head = (
        "POST /api/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
        f"Authorization: Basic {token}\r\nContent-Length: 1000000\r\n\r\n"
    )
    answer = send_raw(front.url, head.encode(), b"x" * 1000, timeout=10)
    assert_error(answer, 415, "UNSUPPORTED_MEDIA_TYPE")


def test_preflight_passes_without_credentials_and_nothing_else_does(front):
    stranger, path = requests.Session(), "/api/sessions"
    preflight = {**FOREIGN, "Access-Control-Request-Method": "POST"}
    assert stranger.options(front.url + path, headers=preflight).status_code == 204
    wrong = ("nobody", "wrong")
    assert stranger.options(front.url + path, headers=preflight, auth=wrong).status_code == 204
    for method, headers in [
        ("OPTIONS", {}),
        ("OPTIONS", FOREIGN),
        ("OPTIONS", {"Access-Control-Request-Method": "POST"}),
        ("GET", preflight),
        ("POST", preflight),
        ("DELETE", preflight),
    ]:
        assert stranger.request(method, front.url + path, headers=headers).status_code == 401
