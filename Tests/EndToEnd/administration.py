"""What the tests of its operation ask of a responder, most of it at its administration's socket."""

import http.client
import socket
import time

import fastcgi
from fastcgi import PARAMS, STDIN, begin, pairs, record, stream
from metrics import Metrics


class Connection(http.client.HTTPConnection):
    """To a socket given as a path or as (host, port)."""

    def __init__(self, address, timeout=20):
        super().__init__("localhost", timeout=timeout)
        self.address = address

    def connect(self):
        family = socket.AF_INET if isinstance(self.address, tuple) else socket.AF_UNIX
        self.sock = socket.socket(family)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.address)


def ask(address, path, method="GET", headers=None):
    """The answer's status, headers and body."""
    connection = Connection(address)
    try:
        connection.request(method, path, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode()
    finally:
        connection.close()


def metrics(address):
    status, headers, body = ask(address, "/metrics")
    assert status == 200, body
    assert headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return Metrics(body)


def begin_upload(peer, user, body, content_type, sent):
    """Sends the head and the first `sent` bytes of an upload to the responder."""
    given = fastcgi.upload(body, content_type, user)
    peer.send(begin(), stream(PARAMS, pairs(given)), record(STDIN, body[:sent]))


def eventually(question, seconds=10):
    """Asks until the answer is true; the last answer."""
    deadline = time.monotonic() + seconds
    while not (answer := question()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return answer
