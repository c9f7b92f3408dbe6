"""nginx/app-fallthrough.conf: an app that has gone on keeps what it serves below /api/sessions."""

import pytest
from app import App
from client import Client, assert_error, send_raw
from forms import form

JSON = {"Content-Type": "application/json"}
ID = "cm7b5x0kq0000abcd1234efgh"
ONE = f"/api/sessions/{ID}"
ORIGIN = {"Origin": "https://other.example"}


def preflight(method, headers=""):
    return {
        **ORIGIN, "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers,
    }  # fmt: skip


@pytest.fixture(scope="module")
def app():
    with App() as app:
        yield app


@pytest.fixture(scope="module")
def front(module_sites, stack, app):
    return module_sites.nginx(
        stack.path / "responder.sock",
        http=f"upstream sessions_app {{ server 127.0.0.1:{app.port}; }}",
        server="include sessions-fcgi/app-fallthrough.conf;",
    )


@pytest.fixture
def user(module_sites, front, app):
    app.says(299)
    app.heads.clear()
    return module_sites.stranger(front)


def test_upload_recording_and_deletion_are_ours(user, app):
    data = b"spoken" * 1000
    path = f"/api/sessions/{user.upload(data)}"
    assert user.get(f"{path}/audio").content == data
    assert user.head(f"{path}/audio?x=1").status_code == 200
    assert user.delete(path).json() == {"ok": True}
    assert_error(user.delete(f"/api/sessions/{'x' * 300}"), 404, "SESSION_NOT_FOUND")
    for path, method in [("", "POST"), (f"/{ID}", "DELETE"), (f"/{ID}/audio", "GET")]:
        asked = user.request("OPTIONS", f"/api/sessions{path}", headers=preflight(method))
        assert asked.status_code == 204
    assert app.heads == []


FORM = b"Content-Type: multipart/form-data; boundary=x"


@pytest.mark.parametrize(
    "path, headers",
    [
        (b"", [b"Content-Type:\t" + FORM.partition(b" ")[2]]),
        (b"", [FORM.upper()]),
        (b"", [FORM, b"Access-Control-Request-Method: a b"]),
        (b"", [FORM, b"Content-Type: application/json"]),
        (b"/", [FORM]), (b"/.", [FORM]), (b"/x/..", [FORM]), (b"%2f?x=1", [FORM]),
    ],
)  # fmt: skip
def test_upload_is_ours_however_it_is_dressed(front, user, app, path, headers):
    """Otherwise whoever may not upload here would by the app."""
    lines = [b"POST /api/sessions%s HTTP/1.1" % path, b"Host: x", b"Content-Length: 0", *headers]
    answer = send_raw(front.url, b"\r\n".join([*lines, b"", b""]))
    assert answer.status_code in (400, 401)
    assert app.heads == []


def test_the_app_gets_the_type_that_was_judged(front, user, app):
    lines = [b"POST /api/sessions HTTP/1.1", b"Host: x", b"Content-Length: 0"]
    lines += [b"Content-Type: text/plain", FORM]
    lines += [b"Access-Control-Request-Method: multipart/form-data", b"Connection: close"]
    answer = send_raw(front.url, b"\r\n".join([*lines, b"", b""]))
    if answer.status_code == 299:
        assert app.asked()["content-type"] == "text/plain"
    else:
        assert answer.status_code == 400 and app.heads == []


MULTIPART = {"Content-Type": form()[1]}
BELIEVED = [
    "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Proto",
    "X-Real-IP", "X-Request-Id", "X-User-Id", "X-User-Email", "X-User-Name",
    "X-Middleware-Subrequest",
]  # fmt: skip
APPS = [
    ("GET", "/api/sessions", {}), ("GET", "/api/sessions?cursor=a-b&limit=5", {}),
    ("HEAD", "/api/sessions", {}), ("POST", "/api/sessions", JSON), ("POST", "/api/sessions", {}),
    ("POST", "/api/sessions", {"Content-Type": "text/plain; x=multipart/form-data"}),
    ("PUT", "/api/sessions", MULTIPART), ("OPTIONS", "/api/sessions", {}),
    ("OPTIONS", "/api/sessions", preflight("POST", "content-type")),
    ("OPTIONS", "/api/sessions", preflight("GET")),
    ("GET", ONE, {}), ("HEAD", ONE, {}), ("PATCH", ONE, JSON), ("POST", ONE, MULTIPART),
    ("OPTIONS", ONE, preflight("PATCH", "content-type")),
    ("POST", f"{ONE}/presign", JSON), ("POST", f"{ONE}/presign", MULTIPART),
    ("PUT", f"{ONE}/chunks/0", {"Content-Type": "audio/webm"}),
    ("DELETE", f"{ONE}/chunks/0", {}), ("DELETE", f"{ONE}/audio", {}),
    ("POST", f"{ONE}/audio", MULTIPART), ("POST", f"{ONE}/complete", JSON),
    ("GET", f"{ONE}/audio/peaks", {}), ("GET", "/api/sessions/a%20b?c=%2F", {}),
]  # fmt: skip


@pytest.mark.parametrize("method, path, headers", APPS)
def test_all_else_is_the_apps(user, app, method, path, headers):
    """As it came, and without a question of ours who it is."""
    user.http.auth = None
    sent = {**headers, **dict.fromkeys(BELIEVED, "forged"), "Cookie": "authjs.session-token=abc"}
    body = b"{}" if method in {"POST", "PUT", "PATCH"} else None
    answer = user.http.request(
        method, user.url + path, headers=sent, data=body, allow_redirects=False, timeout=20
    )
    assert answer.status_code == 299
    assert app.heads[-1].startswith(f"{method} {path} HTTP/1.1\r\n".encode())
    asked = app.asked()
    assert asked["cookie"] == sent["Cookie"] and asked["x-forwarded-for"] == "127.0.0.1"
    assert "forged" not in str(asked)
    assert asked.get("content-type") == headers.get("Content-Type")
    assert asked.get("content-length", "0") == str(len(body or b""))


def test_what_lies_beside_is_not_touched(user, app):
    for path in ("/api/sessionsX", "/api/session", "/_sessions/app"):
        assert_error(user.get(path), 404, "NOT_FOUND")
    assert app.heads == []


def test_what_the_app_looks_at_is_counted(module_sites, stack, app):
    """limits.conf: its cookies and tokens are guessed by nobody."""
    front = module_sites.nginx(
        stack.path / "responder.sock",
        http=f"upstream sessions_app {{ server 127.0.0.1:{app.port}; }}"
        "include sessions-fcgi/limits.conf;",
        server="include sessions-fcgi/app-fallthrough.conf;",
        edits=[("limits.conf", "rate=20r/s", "rate=1r/m")],
    )
    app.says(401)
    client = Client(front.url, None)
    statuses = [client.http.get(front.url + "/api/sessions").status_code for _ in range(43)]
    assert statuses == [401] * 41 + [429] * 2


def test_app_that_does_not_answer(module_sites, stack):
    with App() as app:
        port = app.port
    front = module_sites.nginx(
        stack.path / "responder.sock",
        http=f"upstream sessions_app {{ server 127.0.0.1:{port}; }}",
        server="include sessions-fcgi/app-fallthrough.conf;",
    )
    client = Client(front.url, None)
    assert_error(client.get(), 502, "UNAVAILABLE")
    assert "[warn]" not in front.log_text()
