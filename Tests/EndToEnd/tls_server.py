"""A TLS server that answers every request with the same bytes, and remembers what it got."""

import re
import socket
import ssl
import threading


class TLSServer:
    def __init__(self, certificate, answer=b""):
        self.answer = answer
        self.answer_to_head = None  # the same
        self.received = b""
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate.chain, certificate.key)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[peer], daemon=True).start()

    def _serve(self, peer):
        peer.settimeout(20)
        try:
            with self._context.wrap_socket(peer, server_side=True) as tls:
                request = b""
                while not _is_complete(request) and (piece := tls.recv(65536)):
                    request += piece
                    self.received += piece
                is_head = request.startswith(b"HEAD ") and self.answer_to_head is not None
                tls.sendall(self.answer_to_head if is_head else self.answer)
        except OSError:
            peer.close()


def _is_complete(request):
    head, end, body = request.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    return bool(end) and len(body) >= int(length[1] if length else 0)
