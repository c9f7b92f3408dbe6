"""Which paths and methods there are."""

import base64

import pytest
from client import assert_error, send_raw

SESSION = "/api/sessions/c123456789012345678901234"


@pytest.mark.parametrize(
    "path",
    ["/api/sessions/", SESSION + "/", SESSION + "/audio/", SESSION + "/video", "/api/sessions//",
     SESSION + "/audio/x", "/api/sessions/x%2Fy/audio/z"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_other_paths(alice, method, path):
    assert_error(alice.request(method, path), 404, "NOT_FOUND")


@pytest.mark.parametrize("path", ["/api", "/api/sessionsx", "/index.html", "/api/Sessions"])
def test_paths_that_are_not_ours(alice, path):
    assert_error(alice.get(path), 404, "NOT_FOUND")


@pytest.mark.smoke
@pytest.mark.parametrize(
    "path, method, allowed",
    [
        ("/api/sessions", "PUT", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("/api/sessions", "DELETE", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("/api/sessions", "PATCH", {"GET", "HEAD", "POST", "OPTIONS"}),
        (SESSION, "POST", {"GET", "HEAD", "DELETE", "OPTIONS"}),
        (SESSION, "PUT", {"GET", "HEAD", "DELETE", "OPTIONS"}),
        (SESSION + "/audio", "POST", {"GET", "HEAD", "OPTIONS"}),
        (SESSION + "/audio", "PROPFIND", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_other_methods_are_told_which_are_right(alice, path, method, allowed):
    response = alice.request(method, path)
    assert_error(response, 405, "METHOD_NOT_ALLOWED")
    assert set(response.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    "path, allowed",
    [
        ("/api/sessions", {"GET", "HEAD", "POST", "OPTIONS"}),
        (SESSION, {"GET", "HEAD", "DELETE", "OPTIONS"}),
        (SESSION + "/audio", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_options_tells_which_methods_there_are(alice, path, allowed):
    response = alice.request("OPTIONS", path)
    assert response.status_code == 204 and response.content == b""
    assert set(response.headers["Allow"].split(", ")) == allowed


def test_path_is_decoded_once(alice, stack):
    token = base64.b64encode(b":".join(alice.http.auth)).decode()

    def get(path):
        head = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {token}\r\n"
        return send_raw(stack.url, f"{head}Connection: close\r\n\r\n".encode())

    session = alice.upload()
    encoded = "".join(f"%{ord(letter):02x}" for letter in session)
    assert get(f"/%61pi/sessions/{encoded}").json()["id"] == session
    twice = encoded.replace("%", "%25")
    assert_error(get(f"/api/sessions/{twice}"), 404, "SESSION_NOT_FOUND")


def test_head_of_an_error_has_no_body(alice):
    response = alice.head(SESSION)
    assert response.status_code == 404 and response.content == b""
