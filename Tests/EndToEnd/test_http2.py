"""The same over HTTP/2, where nginx takes other paths through its errors."""

import base64
from types import SimpleNamespace

import pytest
from certificates import make_certificate
from client import assert_error, check_headers, send_raw
from forms import audio, form, text
from http2 import listeners, send
from private_stack import PASSWORD
from test_audio import DATA


def basic(password):
    return {"authorization": "Basic " + base64.b64encode(f"demo:{password}".encode()).decode()}


DEMO = basic(PASSWORD)
FORM = {"content-type": "multipart/form-data; boundary=x"}
TOO_LONG = {**FORM, "content-length": "60000000"}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    path = tmp_path_factory.mktemp("http2")
    authority = make_certificate(path / "authority")
    found = make_certificate(path / "server", authority)
    return SimpleNamespace(chain=found.chain, key=found.key, authority=authority.chain)


@pytest.fixture
def start(sites, stack, certificate):
    """Starts an nginx that takes HTTP/2, with an `ask` that sends it a request."""

    def start(socket=None):
        clear, tls, directives = listeners(certificate)
        front = sites.nginx(socket or stack.path / "responder.sock", server=directives)
        front.tls = tls

        def ask(path, method="GET", headers=None, is_tls=False, **options):
            if is_tls:
                options["authority"] = certificate.authority
            answer = send(tls if is_tls else clear, path, method, headers, **options)
            if answer is not None:
                check_headers(answer)
            return answer

        front.ask = ask
        return front

    return start


@pytest.fixture
def ask(start):
    return start().ask


@pytest.mark.smoke
@pytest.mark.parametrize("is_tls", [False, True])
def test_upload_list_play_and_delete(ask, is_tls):
    for size in (5, 200_000, 3_000_000):
        data = (DATA * (size // len(DATA) + 1))[:size]
        body, content_type = form(audio(data), text("duration", "1"))
        headers = {**DEMO, "content-type": content_type}
        answer = ask("/api/sessions", "POST", headers, body=body, is_tls=is_tls)
        assert answer.status_code == 201
        path = f"/api/sessions/{answer.json()['id']}"
        found = ask("/api/sessions", headers=DEMO, is_tls=is_tls).json()["sessions"][0]
        assert path.endswith(found["id"])
        part = {**DEMO, "range": "bytes=1-3"}
        played = ask(f"{path}/audio", headers=part, is_tls=is_tls)
        assert played.status_code == 206 and played.body == data[1:4]
        assert ask(path, "DELETE", DEMO, is_tls=is_tls).json() == {"ok": True}


@pytest.mark.parametrize("path", ["/api/sessions", "/", "/elsewhere", "/assets/base.css"])
@pytest.mark.parametrize("is_tls", [False, True])
def test_body_over_nginxs_own_limit(ask, path, is_tls):
    """Refused by its announced length, before any of it has come."""
    for user in (DEMO, {}):
        answer = ask(path, "POST", {**user, **TOO_LONG}, body=b"x", is_tls=is_tls)
        assert_error(answer, 413, "INVALID_FILE")


@pytest.mark.parametrize("length", [{"content-length": "60000000"}, {}], ids=["told", "untold"])
@pytest.mark.parametrize("is_tls", [False, True])
def test_client_that_is_sending_gets_to_read_the_refusal(ask, is_tls, length):
    headers = {**DEMO, **FORM, **length}
    answer = ask("/api/sessions", "POST", headers, body=bytes(60_000_000), is_tls=is_tls)
    assert_error(answer, 413, "INVALID_FILE")


@pytest.mark.parametrize(
    "status, code, headers",
    [
        (401, "UNAUTHORIZED", {}),
        (401, "UNAUTHORIZED", basic("wrong")),
        (403, "CSRF_REJECTED", {**DEMO, "origin": "https://evil.example"}),
        (415, "UNSUPPORTED_MEDIA_TYPE", {**DEMO, "content-type": "text/plain"}),
        (400, "INVALID_MULTIPART", DEMO),
    ],
)
@pytest.mark.parametrize("is_tls", [False, True])
def test_large_upload_that_is_refused(ask, status, code, headers, is_tls):
    headers = {**FORM, **headers}
    answer = ask("/api/sessions", "POST", headers, body=bytes(5_000_000), is_tls=is_tls)
    assert_error(answer, status, code)


@pytest.mark.parametrize(
    "status, code, method, path, headers",
    [
        (400, "BAD_REQUEST", "GET", "/../x", {}),
        (400, "BAD_REQUEST", "GET", "/api/sessions/%00", {}),
        (400, "BAD_REQUEST", "GET", "/api/sessions/%zz", {}),
        (400, "BAD_REQUEST", "GET", "/api/sessions", {":authority": "a/b"}),
        (400, "BAD_REQUEST", "POST", "/api/sessions", {"content-length": "-1"}),
        (403, "FORBIDDEN", "GET", "/assets/", {}),
        (404, "NOT_FOUND", "GET", "/elsewhere", {}),
        (404, "NOT_FOUND", "GET", "/_sessions/error/timeout", {}),
        (405, "METHOD_NOT_ALLOWED", "TRACE", "/api/sessions", {}),
        (405, "METHOD_NOT_ALLOWED", "PUT", "/assets/base.css", {}),
        (412, "PRECONDITION_FAILED", "GET", "/assets/base.css", {"if-match": '"x"'}),
    ],
)
def test_errors_of_nginxs_own(ask, status, code, method, path, headers):
    assert_error(ask(path, method, headers), status, code)


def test_head_that_is_too_large_ends_the_connection(ask):
    """Nothing can be said there; others are served."""
    assert ask("/api/sessions", headers={**DEMO, "x": "x" * 60_000}) is None
    assert ask("/api/sessions", headers=DEMO).status_code == 200


def test_long_cookie(ask):
    for size in (9_000, 29_000):
        headers = {**DEMO, "cookie": "session=" + "x" * size}
        assert ask("/api/sessions", headers=headers).status_code == 200


def test_program_that_is_not_there(start, stack):
    ask = start(stack.path / "nothing.sock").ask
    answer = ask("/api/sessions", "POST", {**DEMO, **FORM}, body=bytes(300_000))
    assert_error(answer, 502, "UNAVAILABLE")


def test_plain_http_where_tls_is_expected(start):
    port = start().tls.rsplit(":", 1)[1]
    request = b"GET /api/sessions HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = send_raw(f"http://127.0.0.1:{port}", request)
    check_headers(answer)
    assert_error(answer, 400, "BAD_REQUEST")


def test_failures_are_logged_as_they_came(start):
    front = start()
    front.ask("/api/sessions?token=secret", "POST", TOO_LONG, body=b"x")
    front.ask("/api/sessions/c1", "DELETE")
    log = front.run.log(f"{front.name}-access").read_text()
    assert '"POST /api/sessions HTTP/2.0" 413 ' in log
    assert '"DELETE /api/sessions/c1 HTTP/2.0" 401 ' in log
    assert "secret" not in log
