"""Relays between the program and what it depends on, in which tests put their obstacles.

`Relay` takes connections and hands each to a thread; what stands between the two ends is said by
`DatabaseRelay` (PostgreSQL's protocol in the clear) and `StorageRelay` (HTTP/1.1 inside TLS).
"""

import contextlib
import re
import selectors
import socket
import ssl
import struct
import threading

from gates import Cut

from stack.ports import free_port, give_back

READY_FOR_QUERY = b"Z\0\0\0\x05I"  # the last of every answer, sent when its work is committed


class Relay:
    """Listens on 127.0.0.1:port; `converse(client)` is a connection's whole life."""

    def __init__(self):
        # Its own also while it is closed: neither a server of a neighbour's nor an outgoing
        # connection may get it then.
        self.port = free_port()
        self._open = set()
        self._lock = threading.Lock()
        self.listen()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
        give_back(self.port)

    def listen(self):
        """Also again after `close`, on the same port."""
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
        threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    def close(self):
        """Nobody listens any more, and every connection ends."""
        shut(self._listener)
        self._listener.close()
        self.cut()

    def cut(self):
        """Every connection ends."""
        with self._lock:
            opened, self._open = self._open, set()
        for peer in opened:
            shut(peer)

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._live, args=[client], daemon=True).start()

    def _live(self, client):
        with self._lock:
            self._open.add(client)
        with contextlib.suppress(Cut, OSError):
            self.converse(client)
        client.close()

    def converse(self, client):
        raise NotImplementedError


def shut(peer):
    """Ends the connection, or the listening, and wakes whoever waits for it."""
    with contextlib.suppress(OSError):
        peer.shutdown(socket.SHUT_RDWR)


def reset(peer):
    """Closes the connection so that the other side finds it reset, not ended."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


class DatabaseRelay(Relay):
    """Knows which statement is asked, by words in its text, and when its answer is complete."""

    def __init__(self, url, gate):
        self.target = (url.hostname, url.port)
        self.gate = gate
        super().__init__()

    def converse(self, client):
        with socket.create_connection(self.target, timeout=20) as server:
            server.settimeout(None)
            with selectors.DefaultSelector() as selector:
                selector.register(client, selectors.EVENT_READ)
                selector.register(server, selectors.EVENT_READ)
                statement, answer = None, b""
                while True:
                    for key, _ in selector.select():
                        data = key.fileobj.recv(65536)
                        if not data:
                            return
                        if key.fileobj is client:
                            statement, answer = self.gate.statement_in(data), b""
                            if statement:
                                self.gate.pass_by(statement, "asked")
                            server.sendall(data)
                            if statement:
                                self.gate.pass_by(statement, "sent")
                        else:
                            answer += data
                            if statement and answer.endswith(READY_FOR_QUERY):
                                self.gate.pass_by(statement, "done")
                                statement = None
                            if not statement:
                                client.sendall(answer)
                                answer = b""


class StorageRelay(Relay):
    """Ends the TLS of both sides, so it sees each request and each answer.

    `spoil`, when not None, gets the method and the answer; what it returns is sent in its place,
    and what it returns for a method and None is sent without asking the store at all.
    """

    def __init__(self, stack, gate):
        directory = stack.path / "certificates"
        self.certificate = (directory / "server.pem", directory / "server.key")
        self._client = ssl.create_default_context(cafile=stack.env["R2_CA_FILE"])
        self.target = ("localhost", int(stack.env["R2_ENDPOINT"].rsplit(":", 1)[1]))
        self.gate = gate
        self.spoil = None
        super().__init__()

    @property
    def endpoint(self):
        return f"https://localhost:{self.port}"

    def converse(self, client):
        client.settimeout(300)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.certificate)
        with context.wrap_socket(client, server_side=True) as inner:
            # The plain socket is not one any more: what it was belongs to this one.
            with self._lock:
                self._open.add(inner)
            self.gate.pass_by(None, "connected")
            while request := read_head(inner):
                if not self._exchange(inner, *request):
                    return

    def _exchange(self, client, head, rest):
        """One request and its answer; whether the connection goes on."""
        method = head.split(b" ", 1)[0].decode()
        request = f"{method} /"
        self.gate.pass_by(request, "asked")
        spoilt = self.spoil and self.spoil(method, None)
        if spoilt:
            read_body(client, rest, content_length(head), lambda _: None)
            client.sendall(spoilt)
            return False
        answer = self.forward(client, head, rest)
        self.gate.pass_by(request, "done")
        spoilt = self.spoil and self.spoil(method, answer)
        client.sendall(answer if spoilt is None else spoilt)
        return spoilt is None

    def forward(self, client, head, rest):
        """What the store answers to a request, of whose body `rest` is here already."""
        method = head.split(b" ", 1)[0].decode()
        with (
            socket.create_connection(self.target, timeout=60) as plain,
            self._client.wrap_socket(plain, server_hostname="localhost") as server,
        ):
            server.sendall(head)
            self._pass_body(client, server, f"{method} /", rest, content_length(head))
            return read_answer(server, method)

    def _pass_body(self, client, server, request, rest, length):
        passed = 0

        def pass_on(data):
            nonlocal passed
            server.sendall(data)
            passed += len(data)
            if passed * 2 >= length:
                self.gate.pass_by(request, "half")

        read_body(client, rest, length, pass_on)


def read_head(peer):
    """A message's head and the first of its body; None at the end of the connection."""
    received = b""
    while b"\r\n\r\n" not in received:
        data = peer.recv(65536)
        if not data:
            return None
        received += data
    head, _, rest = received.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n", rest


def content_length(head):
    found = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return int(found[1]) if found else 0


def read_body(peer, rest, length, consume):
    left = length
    while left > 0:
        data = rest or peer.recv(min(16384, left))
        rest = b""
        if not data:
            raise Cut
        consume(data)
        left -= len(data)


def read_answer(peer, method):
    """The whole answer, byte by byte as it came."""
    found = read_head(peer)
    if found is None:
        raise Cut
    head, rest = found
    pieces = [head]
    if re.search(rb"(?i)\r\ntransfer-encoding: *chunked", head):
        while not rest.endswith(b"0\r\n\r\n"):
            data = peer.recv(65536)
            if not data:
                raise Cut
            rest += data
        pieces.append(rest)
    elif method != "HEAD" and head.split(b" ", 2)[1] not in (b"204", b"304"):
        read_body(peer, rest, content_length(head), pieces.append)
    return b"".join(pieces)
