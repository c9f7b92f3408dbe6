"""A FastCGI client that can misbehave: records are built one by one and sent as the test likes.

Specification: FastCGI 1.0, sections 3 to 5.
"""

import contextlib
import socket
import struct

from client import RawAnswer

BEGIN_REQUEST, ABORT_REQUEST, END_REQUEST, PARAMS, STDIN, STDOUT, STDERR = range(1, 8)
RESPONDER = 1
KEEP_CONNECTION = 1
MAX_CONTENT_BYTES = 65535


def record(type, content=b"", request_id=1, padding=0):
    head = struct.pack(">BBHHBB", 1, type, request_id, len(content), padding, 0)
    return head + content + bytes(padding)


def begin(keep_connection=False):
    flags = KEEP_CONNECTION if keep_connection else 0
    return record(BEGIN_REQUEST, struct.pack(">HB5x", RESPONDER, flags))


def stream(type, content):
    """Records that carry all of it, and the empty one that ends it."""
    pieces = range(0, len(content), MAX_CONTENT_BYTES)
    full = [record(type, content[start : start + MAX_CONTENT_BYTES]) for start in pieces]
    return b"".join([*full, record(type)])


def pairs(parameters):
    """Name-value pairs; a list of pairs, so that a name can occur twice."""
    encoded = []
    for name, value in parameters:
        name, value = _bytes(name), _bytes(value)
        encoded += [_length(name), _length(value), name, value]
    return b"".join(encoded)


def _length(value):
    return bytes([len(value)]) if len(value) < 128 else struct.pack(">I", len(value) | 1 << 31)


def _bytes(value):
    return value.encode() if isinstance(value, str) else value


def parameters(method="GET", uri="/api/sessions", user="demo", **others):
    """What nginx would pass. `user` None leaves REMOTE_USER out."""
    found = {
        "REQUEST_METHOD": method,
        "REQUEST_URI": uri,
        "QUERY_STRING": uri.partition("?")[2],
        "SERVER_PROTOCOL": "HTTP/1.1",
        "GATEWAY_INTERFACE": "CGI/1.1",
        "HTTP_HOST": "127.0.0.1",
        "REQUEST_SCHEME": "http",
        "REQUEST_ID": "0123456789abcdef0123456789abcdef",
        **others,
    }
    if user is not None:
        found["REMOTE_USER"] = user
    return list(found.items())


def upload(body, content_type, user, length=None, **others):
    """The parameters of an upload of that body; `length` may lie about it."""
    length = str(len(body) if length is None else length)
    typed = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": length, **others}
    return parameters("POST", user=user, **typed)


class Peer:
    """A connection to the responder's socket, given as a path or as (host, port)."""

    def __init__(self, address, timeout=20):
        family = socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX
        self.socket = socket.socket(family)
        self.socket.settimeout(timeout)
        self.socket.connect(address if isinstance(address, tuple) else str(address))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, *pieces):
        for piece in pieces:
            self.socket.sendall(piece)

    def end_sending(self):
        self.socket.shutdown(socket.SHUT_WR)

    def receive_all(self):
        """Every byte until the other side closes."""
        received = b""
        try:
            while piece := self.socket.recv(65536):
                received += piece
        except (ConnectionResetError, BrokenPipeError):
            pass
        return received

    def receive_one(self):
        """The bytes of one response, on a connection that may be kept after it."""
        received = b""
        while not ends_request(received):
            piece = self.socket.recv(65536)
            assert piece, f"the connection was closed within the response: {received[-200:]}"
            received += piece
        return received

    def ask_again(self, given=None, body=b""):
        """One whole request of a peer that keeps its connection; its answer."""
        given = given or parameters()
        self.send(begin(True), stream(PARAMS, pairs(given)), stream(STDIN, body))
        (answer,) = answers_in(self.receive_one())
        return answer

    def is_closed(self):
        """Whether the other side closes, which is waited for."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def answer(self):
        """The answer to the one request on this connection; None when it was closed without."""
        answers = answers_in(self.receive_all())
        assert len(answers) <= 1, f"{len(answers)} answers to one request"
        return answers[0] if answers else None


def ends_request(received):
    """Whether an FCGI_END_REQUEST has come whole."""
    while len(received) >= 8:
        _, type, _, length, padding, _ = struct.unpack(">BBHHBB", received[:8])
        end = 8 + length + padding
        if type == END_REQUEST and len(received) >= end:
            return True
        received = received[end:]
    return False


def answers_in(received):
    """Every complete answer in what came."""
    answers, output = [], b""
    while len(received) >= 8:
        _, type, _, length, padding, _ = struct.unpack(">BBHHBB", received[:8])
        content, received = received[8 : 8 + length], received[8 + length + padding :]
        if type == STDOUT:
            output += content
        elif type == END_REQUEST and output:
            # Without any output it is a refusal: of a second request, or of a broken one.
            answers.append(cgi_answer(output))
            output = b""
    return answers


def cgi_answer(output):
    """A CGI answer (`Status: 200 OK` first) in the shape of an HTTP one."""
    first, _, rest = output.partition(b"\r\n")
    assert first.startswith(b"Status: "), output[:200]
    return RawAnswer(b"HTTP/1.1 " + first.removeprefix(b"Status: ") + b"\r\n" + rest)


def ask(address, given=None, body=b"", timeout=60):
    """One whole request; returns its answer, which may come before all of the body is sent."""
    with Peer(address, timeout) as peer:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            peer.send(begin(), stream(PARAMS, pairs(given or parameters())), stream(STDIN, body))
        return peer.answer()
