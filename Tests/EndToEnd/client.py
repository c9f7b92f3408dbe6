"""What a client sends, and what every answer must look like."""

import json
import re
import socket
from urllib.parse import urlsplit

import requests
from forms import audio, form, text
from private_stack import PASSWORD

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
COMMON_HEADERS = {
    "Cache-Control": r"private, no-store",
    "X-Content-Type-Options": r"nosniff",
    "X-Request-Id": r"[!-~]{8,128}",
}

# All that was answered in this run, for the test that looks for secrets in it.
SAID = []


class Client:
    """One user's HTTP client; `user` None has not signed in."""

    def __init__(self, url, user, headers=None):
        self.url = url
        self.user = user
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.headers.update(headers or {})
        if user is not None:
            name = user.encode() if isinstance(user, str) else user
            self.http.auth = (name, PASSWORD.encode())

    def request(self, method, path, **options):
        options.setdefault("timeout", 60)
        options.setdefault("allow_redirects", False)
        response = self.http.request(method, self.url + path, **options)
        check_headers(response)
        remember(response.headers, response.content)
        return response

    def get(self, path="/api/sessions", **options):
        return self.request("GET", path, **options)

    def head(self, path="/api/sessions", **options):
        return self.request("HEAD", path, **options)

    def delete(self, path, **options):
        return self.request("DELETE", path, **options)

    def post(self, *parts, headers=None, **options):
        """A multipart/form-data POST of these parts."""
        body, content_type = form(*parts)
        headers = {"Content-Type": content_type, **(headers or {})}
        return self.request("POST", "/api/sessions", data=body, headers=headers, **options)

    def upload(self, data=b"not really sound", type="audio/webm;codecs=opus", **fields):
        """Uploads that recording; returns the session's id."""
        texts = [text(name, value) for name, value in {"duration": "3", **fields}.items()]
        response = self.post(audio(data, type), *texts)
        assert response.status_code == 201, response.text
        return response.json()["id"]


def remember(headers, body):
    """Keeps an answer's text; recordings are not for reading."""
    shown = body.decode(errors="replace") if len(body) < 100_000 else ""
    SAID.append(f"{headers}\n{shown}")


def check_headers(response):
    """Every answer, whoever made it, has these exactly once."""
    for name, pattern in COMMON_HEADERS.items():
        values = header_values(response, name)
        assert len(values) == 1, f"{name} occurs {len(values)} times in a {response.status_code}"
        assert re.fullmatch(pattern, values[0]), f"{name}: {values[0]}"


def header_values(response, name):
    """All values of that header, one an occurrence."""
    return (response if isinstance(response, RawAnswer) else response.raw.headers).getlist(name)


def assert_error(response, status, code):
    """Exactly the shape that every failure has."""
    assert response.status_code == status, f"{response.status_code}: {response.text}"
    assert response.headers["Content-Type"].split(";")[0] == "application/json"
    body = response.json()
    assert list(body) == ["error", "code"], body
    assert body["code"] == code, body
    assert isinstance(body["error"], str) and body["error"]
    return body


class RawAnswer:
    """An HTTP answer as it came, for requests that no client library would send."""

    def __init__(self, received):
        head, _, self.body = received.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.status_code = int(lines[0].split(" ")[1])
        self.fields = [tuple(line.split(": ", 1)) for line in lines[1:]]
        self.headers = dict(self.fields)
        self.text = self.body.decode(errors="replace")
        remember(self.fields, self.body)

    def getlist(self, name):
        return [value for field, value in self.fields if field.lower() == name.lower()]

    def json(self):
        return json.loads(self.body)


def send_raw(url, *pieces, timeout=20):
    """Sends these bytes and reads until the answer is complete or the connection ends.

    None when the connection ends without an answer.
    """
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), timeout=timeout) as peer:
        for piece in pieces:
            peer.sendall(piece)
        received = b""
        while not is_complete(received):
            try:
                piece = peer.recv(65536)
            except ConnectionResetError:
                break
            if not piece:
                break
            received += piece
    if not received:
        return None
    return RawAnswer(received)


def is_complete(received):
    head, end, body = received.partition(b"\r\n\r\n")
    if re.search(rb"(?i)\r\ntransfer-encoding: *chunked", head):
        return body.endswith(b"0\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return bool(end and length and len(body) >= int(length[1]))
