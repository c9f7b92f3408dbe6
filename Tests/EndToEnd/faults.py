"""What goes wrong between two programs: byte by byte on the wire, or answer by answer.

A fault on the wire is a generator: it gets the direction ("request" or "answer"), how many bytes
went that way before, and the next ones; it yields what is passed on, and may raise `Reset` or
`Cut`.
"""

import socket
import threading
import time

from gates import Cut
from relay import Relay, reset, shut

PIECE_BYTES = 100


class Reset(Exception):
    """The connection ends here, and not in order."""


class Wire(Relay):
    """Forwards bytes, each through `fault` while there is one."""

    def __init__(self, host, port):
        self.target = (host, port)
        self.fault = None
        super().__init__()

    def converse(self, client):
        with socket.create_connection(self.target, timeout=20) as server:
            server.settimeout(None)
            back = threading.Thread(target=self._copy, args=["answer", server, client], daemon=True)
            back.start()
            self._copy("request", client, server)
            back.join(120)

    def _copy(self, direction, source, target):
        passed = 0
        try:
            while data := source.recv(65536):
                pieces = self.fault(direction, passed, data) if self.fault else [data]
                for piece in pieces:
                    target.sendall(piece)
                passed += len(data)
        except Reset:
            for peer in (source, target):
                reset_quietly(peer)
        except (Cut, OSError):
            pass
        for peer in (source, target):
            shut(peer)


def reset_quietly(peer):
    try:
        # A thread that reads from it is woken by the shutdown; closing alone would not.
        reset(peer.dup())
        peer.shutdown(socket.SHUT_RD)
    except OSError:
        pass


def reset_after(count, way="answer"):
    """The connection is reset when that many bytes went that way."""

    def fault(direction, passed, data):
        if direction == way and passed + len(data) > count:
            yield data[: max(0, count - passed)]
            raise Reset
        yield data

    return fault


def end_after(count):
    """The server's side ends in good order after that many bytes of its answers."""

    def fault(direction, passed, data):
        if direction == "answer" and passed + len(data) > count:
            yield data[: max(0, count - passed)]
            raise Cut
        yield data

    return fault


def garble_at(position):
    """One byte of the answers is another."""

    def fault(direction, passed, data):
        at = position - passed
        if direction == "answer" and 0 <= at < len(data):
            data = data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]
        yield data

    return fault


def hang(direction, passed, data):
    """Connections are taken, and nothing ever comes."""
    time.sleep(60)
    raise Cut
    yield data  # pragma: no cover


def slow(direction, passed, data):
    """1 KB/s each way."""
    for start in range(0, len(data), PIECE_BYTES):
        time.sleep(PIECE_BYTES / 1000)
        yield data[start : start + PIECE_BYTES]


# Answers of a store, for StorageRelay.spoil


def always(answer):
    return lambda method, real: answer


def once(status):
    """The first request of each method is refused with that status."""
    seen, lock = set(), threading.Lock()

    def spoil(method, real):
        with lock:
            if real is not None or method in seen:
                return None
            seen.add(method)
        return f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode()

    return spoil


def truncated(method, real):
    """Half of the right answer."""
    return real and real[: len(real) // 2]


def garbled(method, real):
    """An answer of which the first byte is another."""
    return real and bytes([real[0] ^ 0xFF]) + real[1:]
