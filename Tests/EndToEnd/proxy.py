"""A TCP forwarder that a test can break and mend: stands for a network or a server that fails."""

import contextlib
import selectors
import socket
import threading

from stack.ports import free_port, give_back


class Proxy:
    """Forwards 127.0.0.1:port to a target while `mode` is "forward".

    "refuse": nothing listens. "cut": connections are taken and closed at once. "hang": connections
    are taken and nothing moves, on those already open neither. Into any other mode than "hang"
    nothing stays open.
    `cut_after` bytes from the client, when not None, a forwarded connection is cut.
    """

    def __init__(self, host, port, own_port=None):
        self.target = (host, port)
        self.cut_after = None
        self._mode = "forward"
        self._lock = threading.Condition()
        self._open = set()
        # Its own also while it refuses: neither a server of a neighbour's nor an outgoing
        # connection may get it then.
        self.port = own_port or free_port()
        self._listener = self._listen(self.port)
        self._accepting = self._spawn(self._accept, self._listener)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.set_mode("refuse")
        give_back(self.port)

    @property
    def mode(self):
        return self._mode

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def set_mode(self, mode):
        with self._lock:
            listening, self._mode = self._listener is not None, mode
            if mode == "refuse" and listening:
                self._listener.shutdown(socket.SHUT_RDWR)
                self._listener.close()
                self._listener = None
            elif mode != "refuse" and not listening:
                self._listener = self._listen(self.port)
                self._spawn(self._accept, self._listener)
            for peer in self._open if mode != "hang" else ():
                _shut(peer)
            self._lock.notify_all()

    def _listen(self, port):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
        return listener

    def _spawn(self, target, *arguments):
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        thread.start()
        return thread

    def _accept(self, listener):
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                mode = self._mode
                self._open.add(peer)
            if mode == "forward":
                self._spawn(self._forward, peer)
            elif mode != "hang":
                self._close(peer)

    def _forward(self, client):
        try:
            server = self._connect()
        except OSError:
            self._close(client)
            return
        server.settimeout(None)
        with self._lock:
            self._open.add(server)
        self._copy(client, server)
        self._close(client)
        self._close(server)

    def _connect(self):
        return socket.create_connection(self.target, timeout=10)

    def _copy(self, client, server):
        received = 0
        with selectors.DefaultSelector() as selector:
            selector.register(client, selectors.EVENT_READ, server)
            selector.register(server, selectors.EVENT_READ, client)
            while True:
                for key, _ in selector.select():
                    with self._lock:
                        self._lock.wait_for(lambda: self._mode != "hang")
                    try:
                        data = key.fileobj.recv(65536)
                        if not data:
                            return
                        if key.fileobj is client:
                            received += len(data)
                            if self.cut_after is not None and received > self.cut_after:
                                return
                        key.data.sendall(data)
                    except OSError:
                        return

    def _close(self, peer):
        with self._lock:
            self._open.discard(peer)
        _shut(peer)
        peer.close()


def _shut(peer):
    with contextlib.suppress(OSError):
        peer.shutdown(socket.SHUT_RDWR)
