"""The app that nginx asks who a user is: one answer to every question, and what it was asked."""

import contextlib
import socket
import threading
import time


class App:
    """An HTTP/1.0 server on loopback. `answer` is bytes as they are sent, after `delay` seconds."""

    def __init__(self):
        self.answer = b""
        self.delay = 0
        self.heads = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def says(self, status, *headers):
        """Headers as (name, value); a value may be bytes."""
        lines = [b"HTTP/1.1 %d X" % status, b"Content-Length: 0", b"Connection: close"]
        for name, value in headers:
            value = value.encode() if isinstance(value, str) else value
            lines.append(name.encode() + b": " + value)
        self.answer = b"\r\n".join([*lines, b"", b""])

    def asked(self):
        """The headers of the last question, by lower-case name."""
        lines = self.heads[-1].decode("latin-1").split("\r\n")[1:]
        fields = [line.split(": ", 1) for line in lines if line]
        assert len({name.lower() for name, _ in fields}) == len(fields), fields
        return {name.lower(): value for name, value in fields}

    def _accept(self):
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[peer], daemon=True).start()

    def _serve(self, peer):
        with peer, contextlib.suppress(OSError):
            peer.settimeout(20)
            received = b""
            while b"\r\n\r\n" not in received and (piece := peer.recv(65536)):
                received += piece
            head, _, body = received.partition(b"\r\n\r\n")
            self.heads.append(head + b"\r\n\r\n")
            length = int(self.asked().get("content-length", 0))
            while len(body) < length and (piece := peer.recv(65536)):
                body += piece
            time.sleep(self.delay)
            peer.sendall(self.answer)
