"""An S3 server that does what no store should: each behaviour by the extension of the key."""

import contextlib
import re
import ssl
import time

from gates import Cut
from relay import Relay, content_length, read_body, read_head, reset

SOUND = bytes(range(256)) * 40
ETAG = b'ETag: "0123456789abcdef0123456789abcdef"\r\n'
TYPE = b"Content-Type: audio/webm\r\n"


def answer(status=b"200 OK", fields=ETAG + TYPE, body=SOUND, length=None):
    """An answer of HTTP; `length` may lie, and an empty text leaves it out."""
    length = b"Content-Length: %d\r\n" % len(body) if length is None else length
    return b"HTTP/1.1 " + status + b"\r\n" + fields + length + b"\r\n" + body


def error(status, code, fields=b""):
    body = b"<?xml version='1.0'?><Error><Code>%s</Code></Error>" % code
    return answer(status, fields + b"Content-Type: application/xml\r\n", body)


def chunked(*pieces, end=b"0\r\n\r\n"):
    body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return answer(body=body + end, length=b"Transfer-Encoding: chunked\r\n")


# What is sent once the request has been read, and then the end.
SENT = {
    "cut-head": b'HTTP/1.1 200 OK\r\nETag: "a',
    "cut-body": answer()[:-5000],
    "cut-chunk": chunked(SOUND, end=b"ff\r\nabc"),
    "no-length": answer(length=b""),
    "chunked": chunked(SOUND),
    "too-much": answer(length=b"Content-Length: 10\r\n"),
    "too-little": answer(length=b"Content-Length: 99999\r\n"),
    "two-lengths": answer(length=b"Content-Length: 10240\r\nContent-Length: 10\r\n"),
    "length-and-chunks": answer(
        length=b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", body=b"0\r\n\r\n"
    ),
    "negative-length": answer(length=b"Content-Length: -1\r\n"),
    "gzip-coding": answer(length=b"Transfer-Encoding: gzip, chunked\r\n"),
    "moved": error(b"301 Moved Permanently", b"PermanentRedirect", b"Location: http://evil/\r\n"),
    "found": answer(b"302 Found", b"Location: https://evil.example/\r\n"),
    "temporary": error(b"307 Temporary Redirect", b"TemporaryRedirect", b"Location: //evil/\r\n"),
    "error-under-200": error(b"200 OK", b"InternalError", ETAG),
    "denied-under-200": error(b"200 OK", b"AccessDenied", ETAG),
    "no-etag": answer(fields=TYPE),
    "created": answer(b"201 Created"),
    "no-content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "accepted": answer(b"202 Accepted", length=b"Content-Length: 0\r\n", body=b""),
    "html": answer(fields=ETAG + b"Content-Type: text/html\r\n"),
    "no-type": answer(fields=ETAG),
    "browser-fields": answer(
        fields=ETAG + TYPE + b"Set-Cookie: a=b\r\nRefresh: 0;url=//evil\r\nLink: <//evil>\r\n"
        b"Content-Encoding: gzip\r\nContent-Disposition: attachment\r\n"
        b"Access-Control-Allow-Origin: *\r\nClear-Site-Data: *\r\nLocation: //evil\r\n"
    ),
    "switching": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
    "huge-head": answer(fields=ETAG + b"X-Pad: " + b"x" * 200_000 + b"\r\n"),
    "bad-status": b"HTTP/1.1 abc\r\n\r\n",
    "http-2": b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80",
    "nonsense": b"\xff\xfe\0" * 100,
    "folded": answer(fields=ETAG + b"X-A: b\r\n c\r\n" + TYPE),
    "nul": answer(fields=ETAG + b"X-A: \0\r\n"),
    "old-http": answer().replace(b"HTTP/1.1", b"HTTP/0.9", 1),
    "busy": error(b"429 Too Many Requests", b"TooManyRequests"),
    "busy-for-long": error(b"503 Slow Down", b"SlowDown", b"Retry-After: 86400\r\n"),
    "locked": error(b"403 Forbidden", b"AccessDenied"),
    "unknown-key": error(b"401 Unauthorized", b"Unauthorized"),
    "conflict": error(b"409 Conflict", b"OperationAborted"),
    "another-range": answer(b"206 Partial Content", ETAG + TYPE + b"Content-Range: x\r\n"),
    "nothing": b"",
}
# Those that do more than answer what they have read; each gets the connection and the request.
DONE = {}
BEHAVIOURS = [*SENT]


def behaviour(act):
    DONE[act.__name__.replace("_", "-")] = act
    BEHAVIOURS.append(act.__name__.replace("_", "-"))
    return act


class Request:
    def __init__(self, peer, head, rest):
        self.peer, self._rest = peer, rest
        self.method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
        self.extension = path.rpartition(".")[2]
        self._length = content_length(head)

    def read_body(self):
        read_body(self.peer, self._rest, self._length, lambda _: None)

    def good(self):
        """What a store says when all is well."""
        if self.method == "HEAD":
            return answer().removesuffix(SOUND)
        if self.method == "DELETE":
            return b"HTTP/1.1 204 No Content\r\n\r\n"
        return answer(body=SOUND if self.method == "GET" else b"")


@behaviour
def early_success(request):
    request.peer.sendall(request.good())


@behaviour
def early_refusal(request):
    request.peer.sendall(error(b"403 Forbidden", b"AccessDenied"))


@behaviour
def reset_at_once(request):
    reset(request.peer)
    raise Cut


@behaviour
def reset_in_the_body(request):
    request.read_body()
    request.peer.sendall(answer()[:-3000])
    reset(request.peer)
    raise Cut


@behaviour
def late(request):
    request.read_body()
    time.sleep(2)
    request.peer.sendall(request.good())


@behaviour
def silent(request):
    request.read_body()
    time.sleep(60)


@behaviour
def reads_nothing(request):
    time.sleep(60)


@behaviour
def drips(request):
    request.read_body()
    drip(request.peer, answer(length=b"Content-Length: 9999999\r\n"), fast=300)


@behaviour
def drips_its_head(request):
    request.read_body()
    drip(request.peer, answer(), fast=0)


@behaviour
def endless_body(request):
    request.read_body()
    request.peer.sendall(answer(length=b"Transfer-Encoding: chunked\r\n", body=b""))
    piece = b"4000\r\n" + bytes(0x4000) + b"\r\n"
    for _ in range(100_000):
        request.peer.sendall(piece)


@behaviour
def endless_interim_answers(request):
    request.read_body()
    for _ in range(1_000_000):
        request.peer.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


def drip(peer, data, fast):
    peer.sendall(data[:fast])
    for byte in data[fast : fast + 60]:
        peer.sendall(bytes([byte]))
        time.sleep(1)


def behave(request, name):
    if name in SENT:
        request.read_body()
        request.peer.sendall(SENT[name])
    else:
        with contextlib.suppress(ssl.SSLError):
            DONE[name](request)


class HostileStore(Relay):
    """Speaks TLS with the stack's own certificate."""

    def __init__(self, stack):
        directory = stack.path / "certificates"
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(directory / "server.pem", directory / "server.key")
        super().__init__()

    @property
    def endpoint(self):
        return f"https://localhost:{self.port}"

    def converse(self, client):
        client.settimeout(60)
        with self._context.wrap_socket(client, server_side=True) as peer:
            with self._lock:
                self._open.add(peer)
            found = read_head(peer)
            if found is None:
                return
            request = Request(peer, *found)
            known = request.extension in BEHAVIOURS
            behave(request, request.extension if known else "late")


def extension_of(name):
    """A behaviour's name as the subtype of a recording's type, which its key ends in."""
    assert re.fullmatch(r"[a-z0-9-]{1,32}", name), name
    return name
