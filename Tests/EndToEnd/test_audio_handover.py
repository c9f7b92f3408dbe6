"""Recordings that nginx fetches from storage itself, by the address that the program gives it.

test_audio.py has what a client sees of it: in the stack recordings come this way.
"""

import base64
import re
import socket
from urllib.parse import quote

import pytest
import requests
from certificates import make_certificate
from client import Client, assert_error, header_values
from private_stack import PASSWORD
from test_audio import DATA
from tls_server import TLSServer

from stack.directory import ROOT
from stack.ports import free_port

RECORDING = (
    b'HTTP/1.1 200 OK\r\nContent-Type: audio/webm\r\nContent-Length: 5\r\nETag: "e"\r\n'
    b"x-amz-request-id: 1\r\nx-amz-id-2: 2\r\nSet-Cookie: a=b\r\nCache-Control: public\r\n"
    b"Access-Control-Allow-Origin: *\r\nAccess-Control-Max-Age: 1\r\nVary: Origin\r\n"
    b"X-Accel-Redirect: /elsewhere\r\n\r\nsound"
)
SECRET_WORDS = ("X-Amz-Signature", "X-Amz-Credential", "x-amz-signature")


def refusal(status, body=b"<Error><Code>Whatever</Code><BucketName>b</BucketName></Error>"):
    head = b"HTTP/1.1 %d X\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n"
    return head % (status, len(body)) + body


@pytest.fixture
def path(alice):
    return f"/api/sessions/{alice.upload(DATA)}/audio"


@pytest.fixture
def store(tmp_path):
    """A store that answers GET as it is told; nginx trusts its authority."""
    authority = make_certificate(tmp_path / "ca")
    with TLSServer(make_certificate(tmp_path / "server", authority), RECORDING) as store:
        store.authority = authority.chain
        store.answer_to_head = RECORDING.removesuffix(b"sound")
        yield store


@pytest.fixture
def visit(sites, alice):
    """A client whose recordings nginx fetches from that port."""

    def visit(port, authority, headers=None):
        endpoint = f"https://localhost:{port}"
        responder = sites.responder(R2_ENDPOINT=endpoint, R2_CA_FILE=authority)
        front = sites.nginx(responder.socket, storage=(endpoint, authority))
        front.add_user(alice.user)
        client = Client(front.url, alice.user, headers)
        client.front, client.responder = front, responder
        return client

    return visit


def test_store_gets_nothing_of_the_clients_but_the_range(visit, store, path):
    headers = {"Cookie": "session=secret", "User-Agent": "Player", "X-Own": "own"}
    client = visit(store.port, store.authority, headers)
    assert client.get(path, headers={"Range": "bytes=1-2"}).content == b"sound"
    head = store.received[store.received.index(b"GET ") :].decode().lower()
    names = {line.split(":")[0] for line in head.split("\r\n")[1:] if line}
    assert names == {"host", "range"}
    assert f"host: localhost:{store.port}\r\n" in head
    assert "range: bytes=1-2\r\n" in head


def test_client_gets_nothing_of_the_stores_but_the_recording(visit, store, path):
    response = visit(store.port, store.authority).get(path)
    assert response.content == b"sound"
    names = {name.lower() for name in response.headers}
    assert not [name for name in names if name.startswith(("x-amz", "x-accel", "x-sessions"))]
    assert not [name for name in names if name.startswith("access-control-")]
    assert not {"set-cookie", "vary"} & names
    assert header_values(response, "Cache-Control") == ["private, no-store"]
    assert header_values(response, "Content-Type") == ["audio/webm"]


# On these a browser acts; the last are the store's own business.
HOSTILE_HEADERS = {
    "Refresh": "0; url=https://evil.example/", "Link": "</x>; rel=preload", "Set-Cookie": "a=b",
    "Location": "https://evil.example/", "Content-Location": "/x", "Content-Language": "de",
    "Clear-Site-Data": '"*"', "Content-Disposition": "attachment; filename=x.html",
    "Content-Encoding": "gzip", "Vary": "*", "Pragma": "no-cache", "Expires": "0", "Age": "1",
    "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Credentials": "true",
    "Access-Control-Expose-Headers": "*", "Access-Control-Max-Age": "600",
    "Timing-Allow-Origin": "*", "Content-Security-Policy": "script-src *",
    "Content-Security-Policy-Report-Only": "script-src *", "Permissions-Policy": "camera=*",
    "Referrer-Policy": "unsafe-url", "Cross-Origin-Opener-Policy": "unsafe-none",
    "Cross-Origin-Resource-Policy": "cross-origin", "Origin-Trial": "x", "X-Frame-Options": "DENY",
    "Strict-Transport-Security": "max-age=1", "Alt-Svc": 'h3=":443"', "NEL": "{}",
    "Report-To": "{}", "Reporting-Endpoints": 'x="https://evil.example"', "Accept-CH": "DPR",
    "Service-Worker-Allowed": "/", "SourceMap": "/x", "Speculation-Rules": '"/x"',
    "WWW-Authenticate": "Basic realm=x", "Server-Timing": "x", "Keep-Alive": "timeout=1",
    "Attribution-Reporting-Register-Source": "{}", "Use-As-Dictionary": 'match="/*"',
    "X-Content-Type-Options": "none", "X-Request-Id": "theirs", "Cache-Control": "public",
    "X-Accel-Redirect": "/elsewhere", "X-Accel-Limit-Rate": "1", "x-amz-expiration": "soon",
    "CF-RAY": "1",
}  # fmt: skip
OURS = {
    "content-type", "content-length", "etag", "accept-ranges", "last-modified", "cache-control",
    "x-content-type-options", "x-request-id", "content-security-policy", "server", "date",
    "connection",
}  # fmt: skip


def recording(type="audio/webm", headers=()):
    lines = [b"HTTP/1.1 200 OK", b"Content-Length: 5", b'ETag: "e"', b"Accept-Ranges: bytes"]
    lines += [f"{name}: {value}".encode() for name, value in dict(headers).items()]
    lines += [b"Content-Type: " + type.encode()] if type is not None else []
    return b"\r\n".join([*lines, b"", b"sound"])


def test_header_on_which_a_browser_acts_reaches_nobody(visit, store, path):
    store.answer = recording(headers=HOSTILE_HEADERS)
    response = visit(store.port, store.authority).get(path)
    assert response.raw.data == b"" and response.content == b"sound"
    assert {name.lower() for name in response.headers} <= OURS
    assert header_values(response, "Content-Security-Policy") == ["sandbox; default-src 'none'"]
    assert header_values(response, "Content-Type") == ["audio/webm"]
    assert header_values(response, "ETag") == ['"e"']


def test_every_header_that_is_hidden_is_named_once():
    text = (ROOT / "nginx" / "store-headers.conf").read_text()
    hidden = [name.lower() for name in re.findall(r"(?m)^proxy_hide_header (\S+);$", text)]
    assert len(hidden) == len(set(hidden))
    own = {"x-accel-redirect", "x-accel-limit-rate"}  # nginx passes these on to nobody
    assert {name.lower() for name in HOSTILE_HEADERS} - own <= set(hidden)


@pytest.mark.parametrize(
    "sent, expected",
    [
        ("audio/webm", "audio/webm"),
        ("audio/webm;codecs=opus", "audio/webm;codecs=opus"),
        ("Audio/X-M4A ; a=b;", "Audio/X-M4A ; a=b;"),
        ('video/mp4; codecs="avc1.4d, mp4a.40"', 'video/mp4; codecs="avc1.4d, mp4a.40"'),
        ('audio/mp4; a="b\\"c", text/html', None),
        ("audio/webm;codecs", None),
        ("video/mp4", "video/mp4"),
        ("text/html", None),
        ("application/javascript", None),
        ("image/svg+xml", None),
        ("multipart/x-mixed-replace; boundary=x", None),
        ("text/html;audio/webm", None),
        ("audio/webm, text/html", None),
        ("audio/", None),
        ("audio/ text/html", None),
        ("xaudio/webm", None),
        ("", None),
        (None, None),
    ],
)
def test_type_that_is_no_recordings_is_a_download(visit, store, path, sent, expected):
    store.answer = recording(sent)
    response = visit(store.port, store.authority).get(path)
    assert response.content == b"sound"
    assert header_values(response, "Content-Type") == [expected or "application/octet-stream"]


LENGTH = b"Content-Length: 5\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


@pytest.mark.parametrize(
    "framing, body",
    [
        (LENGTH, b""),
        (LENGTH, b"soun"),
        (b"Content-Length: 1000000\r\n", b"sound"),
        (CHUNKED, b""),
        (CHUNKED, b"5\r\nsound\r\n"),
        (CHUNKED, b"5\r\nsound\r\n0\r\n"),
        (CHUNKED, b"5\r\nsou"),
        (CHUNKED, b"5\r\nsoundX0\r\n\r\n"),
    ],
)
def test_recording_that_is_cut_never_looks_whole(visit, store, path, framing, body):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: audio/webm\r\n%bConnection: close\r\n\r\n"
    store.answer = head % framing + body
    client = visit(store.port, store.authority)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        client.get(path)


def test_several_ranges_are_not_asked_for(visit, store, path):
    client = visit(store.port, store.authority)
    for range in ("bytes=0-1,3-4", "bytes=1-2, ", "sounds=1-2", "bytes=a-b"):
        store.received = b""
        assert client.get(path, headers={"Range": range}).content == b"sound"
        assert b"ange:" not in store.received


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 305, 307, 308, 399])
def test_redirect_of_the_store_reaches_nobody(visit, store, path, status):
    head = b"HTTP/1.1 %d X\r\nLocation: https://evil.example/?X-Amz-Signature=1\r\n"
    store.answer = head % status + b"Refresh: 0\r\nContent-Length: 0\r\n\r\n"
    response = visit(store.port, store.authority).get(path)
    assert_error(response, 503, "STORAGE_UNAVAILABLE")
    assert not {"Location", "Refresh"} & set(response.headers)


@pytest.mark.parametrize("status", [400, 402, 403, 405, 409, 410, 418, 451, 500, 501, 503, 599])
def test_refusal_of_the_store_is_ours_to_the_client(visit, store, path, status):
    store.answer = refusal(status)
    response = visit(store.port, store.authority).get(path)
    assert_error(response, 503, "STORAGE_UNAVAILABLE")
    assert int(response.headers["Retry-After"]) > 0


@pytest.mark.parametrize("status", [201, 202, 203, 205, 206, 207, 226, 299])
def test_success_of_another_kind_is_no_recording(visit, store, path, status):
    store.answer = recording().replace(b"200 OK", b"%d X" % status, 1)
    store.answer_to_head = store.answer.removesuffix(b"sound")
    assert_error(visit(store.port, store.authority).get(path), 503, "STORAGE_UNAVAILABLE")


# Which nginx takes for an answer and cannot be told to refuse (nginx/README.md).
@pytest.mark.parametrize("status", [100, 199, 201, 204, 206, 226, 299, 499, 600, 999])
def test_odd_status_of_the_store_brings_nothing_that_a_browser_acts_on(visit, store, path, status):
    store.answer = recording("text/html", HOSTILE_HEADERS).replace(b"200 OK", b"%d X" % status, 1)
    head = answer_to(visit(store.port, store.authority), path).partition(b"\r\n\r\n")[0]
    headers = dict(field.split(": ", 1) for field in head.decode().split("\r\n")[1:])
    assert {name.lower() for name in headers} <= OURS
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


NO_HTTP = {
    "no head": b"<html><script>",
    "an empty head": b"\r\n\r\n<html><script>",
    "HTTP/0.9": recording().replace(b"HTTP/1.1", b"HTTP/0.9", 1),
    "HTTP/2.0": recording().replace(b"HTTP/1.1", b"HTTP/2.0", 1),
    "another protocol": recording().replace(b"HTTP/1.1", b"ICY", 1),
    "small letters": recording().replace(b"HTTP/1.1", b"http/1.1", 1),
    "no status": recording().replace(b" 200 OK", b"", 1),
    "status of two digits": recording().replace(b"200", b"20", 1),
    "status of four digits": recording().replace(b"200", b"2000", 1),
    "status below 100": recording().replace(b"200", b"099", 1),
    "status above 599": recording().replace(b"200", b"600", 1),
    "interim only": recording().replace(b"200", b"100", 1),
    "switching": b"HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\nsound",
    "interim answers without end": b"HTTP/1.1 100 X\r\n\r\n" * 10_000,
}


@pytest.mark.parametrize("answer", NO_HTTP.values(), ids=NO_HTTP)
def test_store_that_speaks_no_http_is_not_handed_to_nginx(visit, store, path, answer):
    """nginx would pass it on as it is. The program asks first, and reads more strictly."""
    store.answer, store.answer_to_head = answer, None
    response = visit(store.port, store.authority).get(path)
    assert_error(response, 503, "STORAGE_UNAVAILABLE")
    assert b"X-Amz-Signature=" not in store.received


def answer_to(client, path):
    """Byte by byte, for what no client takes for the end of an exchange."""
    token = base64.b64encode(f"{client.user}:{PASSWORD}".encode())
    head = b"GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Basic %s\r\n\r\n"
    with socket.create_connection(("127.0.0.1", client.front.port), timeout=20) as peer:
        peer.sendall(head % (path.encode(), token))
        return b"".join(iter(lambda: peer.recv(65536), b""))


def test_recording_that_the_store_does_not_have(visit, store, path):
    store.answer = refusal(404)
    assert_error(visit(store.port, store.authority).get(path), 404, "SESSION_NOT_FOUND")


@pytest.mark.parametrize("wrong", ["name", "authority", "date"])
def test_store_whose_certificate_does_not_hold_gets_no_request(visit, tmp_path, path, wrong):
    authority = make_certificate(tmp_path / "ca")
    other = make_certificate(tmp_path / "other")
    certificate = make_certificate(
        tmp_path / "server",
        other if wrong == "authority" else authority,
        name="elsewhere.example" if wrong == "name" else "localhost",
        days=-1 if wrong == "date" else 30,
    )
    with TLSServer(certificate, RECORDING) as store:
        response = visit(store.port, authority.chain).get(path)
        assert_error(response, 503, "STORAGE_UNAVAILABLE")
        assert store.received == b""


@pytest.mark.parametrize("length", [1_000, 2_000, 4_000, 7_000])
def test_token_of_temporary_credentials_fits_into_the_address(sites, alice, store, path, length):
    """It comes to nginx in a header of the program's, with every byte of it in the worst case."""
    endpoint = f"https://localhost:{store.port}"
    token = ("aB3+/=" * length)[:length]  # half of it is percent-encoded
    responder = sites.responder(
        R2_ENDPOINT=endpoint, R2_CA_FILE=store.authority, R2_SESSION_TOKEN=token
    )
    front = sites.nginx(responder.socket, storage=(endpoint, store.authority))
    front.add_user(alice.user)
    response = Client(front.url, alice.user).get(path)
    assert response.content == b"sound", response.text
    assert f"X-Amz-Security-Token={quote(token, safe='')}".encode() in store.received


def test_address_is_in_no_log(visit, store, path):
    client = visit(store.port, store.authority)
    client.get(path)
    store.answer = refusal(500)
    client.get(path)
    store.answer = b""
    client.get(path)
    assert b"X-Amz-Signature=" in store.received and b"X-Amz-Expires=60" in store.received
    logs = [client.responder.log_text(), client.front.log_text()]
    logs.append(client.front.run.log(f"{client.front.name}-access").read_text())
    assert path in logs[-1]
    for log in logs:
        assert not [word for word in SECRET_WORDS if word in log]


def test_program_steps_in_where_nginx_cannot_reach_the_store(sites, stack, alice, path):
    responder = sites.responder()
    nowhere = f"https://localhost:{free_port()}"
    front = sites.nginx(responder.socket, storage=(nowhere, stack.env["R2_CA_FILE"]))
    front.add_user(alice.user)
    response = Client(front.url, alice.user).get(path, headers={"Range": "bytes=10-19"})
    assert response.status_code == 206 and response.content == DATA[10:20]


def test_dns_server_that_is_silent_costs_two_seconds(sites, stack, alice, path):
    """The README's line for it, where no systemd-resolved is."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        server = (
            f"resolver 127.0.0.1:{silent.getsockname()[1]}; include sessions-fcgi/audio.conf;"
            f' proxy_ssl_trusted_certificate "{stack.env["R2_CA_FILE"]}";'
        )
        front = sites.nginx(sites.responder().socket, server=server)
        front.add_user(alice.user)
        response = Client(front.url, alice.user).get(path)
        assert response.content == DATA
        assert response.elapsed.total_seconds() < 5
        assert silent.recv(512)


def test_client_cannot_ask_for_the_address(sites, alice, path):
    """Where nginx does not fetch recordings, no header makes the program give the address away."""
    client = sites.client(alice.user, {"X-Accel": "on", "X_ACCEL": "on"})
    response = client.get(path)
    assert response.content == DATA
    assert "X-Sessions-Recording" not in response.headers


def test_program_streams_where_nginx_does_not_fetch(sites, alice, path):
    client = sites.client(alice.user)
    response = client.get(path, headers={"Range": "bytes=10-19"})
    assert response.status_code == 206 and response.content == DATA[10:20]
    assert client.head(path).headers["Content-Length"] == str(len(DATA))
