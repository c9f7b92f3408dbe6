"""A TLS server that does as it is told, for tests of TLS and HTTP clients.

    tls_peer.py CERTIFICATE SCRIPT

CERTIFICATE is what to show: good (localhost and 127.0.0.1), wrong-name, expired, self-signed or
unknown-ca. SCRIPT is JSON: a list of connections in the order in which they are accepted, the last
of which is repeated; each is a list of steps:

    ["cut", N]        reset the connection once N bytes have been sent on the wire
    ["raw"]           speak no TLS at all, and send nothing
    ["refuse"]        answer the client's first bytes by a farewell alone, and stay
    ["postgres"]      let the client ask for TLS first, as PostgreSQL's do
    ["some"]          read what comes next, whatever it is
    ["request"]       read a request with its body, and report it
    ["head"]          read a request up to its body, and report it
    ["send", TEXT]    send TEXT
    ["repeat", TEXT, N] send TEXT, N times
    ["trickle", TEXT] send TEXT, and then one byte after the other without end
    ["stall"]         read nothing more until the client goes
    ["close"]         say farewell, and close
    ["drop"]          close without farewell
    ["reset"]         close by a reset

After its last step a connection reads until the client closes. The first line on stdout is the
port, the second the CA's file; then follows one line per reported request, its fields separated
by tabs: number of the connection, name from SNI, head with lines separated by |, length and
SHA-256 of the body. The server ends when stdin does.
"""

import contextlib
import hashlib
import json
import os
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time

NAMES = {"wrong-name": "DNS:elsewhere.example"}
KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
# An alert of TLS 1.2: a warning, close_notify.
CLOSE_NOTIFY = bytes([21, 3, 3, 0, 2, 1, 0])
output = threading.Lock()


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, stderr=subprocess.DEVNULL)


def make_authority(path, name):
    files = ["-keyout", f"{path}/{name}.key", "-out", f"{path}/{name}.pem"]
    openssl("req", "-x509", *KEY, *files, "-subj", f"/CN=Test {name}", "-days", "2")


def make_certificates(path, kind):
    """Makes ca.pem, and server.pem and server.key of the given kind."""
    make_authority(path, "ca")
    names = NAMES.get(kind, "DNS:localhost,IP:127.0.0.1")
    subject = ["-subj", "/CN=server", "-addext", f"subjectAltName={names}"]
    subject += ["-keyout", f"{path}/server.key"]
    if kind == "self-signed":
        openssl("req", "-x509", *KEY, *subject, "-out", f"{path}/server.pem", "-days", "2")
        return
    issuer = "ca"
    if kind == "unknown-ca":
        issuer = "other"
        make_authority(path, issuer)
    openssl("req", *KEY, *subject, "-out", f"{path}/server.csr")
    files = ["-in", f"{path}/server.csr", "-out", f"{path}/server.pem"]
    authority = ["-CA", f"{path}/{issuer}.pem", "-CAkey", f"{path}/{issuer}.key"]
    days = "-1" if kind == "expired" else "2"
    openssl("x509", "-req", *files, *authority, "-copy_extensions", "copy", "-days", days)


class Cut(Exception):
    """The connection has been reset, as the script says."""


class Connection:
    def __init__(self, number, tcp, context):
        self.number, self.tcp = number, tcp
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side=True)
        self.limit, self.sent, self.received = None, 0, b""

    def reset(self):
        self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.tcp.close()
        raise Cut

    def flush(self):
        data = self.outgoing.read()
        if self.limit is not None:
            data = data[: self.limit - self.sent]
        self.tcp.sendall(data)
        self.sent += len(data)
        if self.limit is not None and self.sent >= self.limit:
            self.reset()

    def run(self, call):
        while True:
            try:
                result = call()
                self.flush()
                return result
            except ssl.SSLWantReadError:
                self.flush()
                data = self.tcp.recv(65536)
                if not data:
                    raise Cut from None
                self.incoming.write(data)

    def read_more(self):
        data = self.run(lambda: self.tls.read(65536))
        if not data:
            raise Cut
        self.received += data

    def read_request(self, with_body):
        while b"\r\n\r\n" not in self.received:
            self.read_more()
        head, self.received = self.received.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        count, digest = 0, hashlib.sha256()
        if with_body:
            lengths = [line for line in lines if line.lower().startswith("content-length:")]
            wanted = sum(int(line.split(":")[1]) for line in lengths)
            while count < wanted:
                if not self.received:
                    self.read_more()
                cut = wanted - count
                piece, self.received = self.received[:cut], self.received[cut:]
                count += len(piece)
                digest.update(piece)
        name = getattr(self.tls, "asked_name", None) or ""
        with output:
            row = [self.number, name, "|".join(lines), count, digest.hexdigest()]
            print(*row, sep="\t", flush=True)

    def step(self, name, *arguments):
        if name == "request":
            self.read_request(True)
        elif name == "head":
            self.read_request(False)
        elif name == "some":
            self.received = b""
            self.read_more()
        elif name == "send":
            self.run(lambda: self.tls.write(arguments[0].encode("latin-1")))
        elif name == "repeat":
            self.run(lambda: self.tls.write(arguments[0].encode("latin-1") * arguments[1]))
        elif name == "trickle":
            self.run(lambda: self.tls.write(arguments[0].encode("latin-1")))
            while True:
                time.sleep(0.01)
                self.run(lambda: self.tls.write(b"x"))
        elif name == "stall":
            self.tcp.setblocking(True)
            # Hung up or reset is seen without reading.
            while not self.tcp.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                info = self.tcp.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)
                if info[0] not in (1,):
                    break
                time.sleep(0.01)
        elif name == "close":
            with contextlib.suppress(ssl.SSLError):
                self.tls.unwrap()
            self.flush()
            self.tcp.close()
            raise Cut
        elif name == "drop":
            self.tcp.close()
            raise Cut
        elif name == "reset":
            self.reset()
        else:
            raise ValueError(name)

    def serve(self, steps):
        try:
            if steps and steps[0][0] == "cut":
                self.limit = steps[0][1]
                steps = steps[1:]
            if self.limit == 0:
                self.reset()
            if steps and steps[0][0] == "raw":
                while self.tcp.recv(65536):
                    pass
                return
            if steps and steps[0][0] == "refuse":
                self.tcp.recv(65536)
                self.tcp.sendall(CLOSE_NOTIFY)
                while self.tcp.recv(65536):
                    pass
                return
            if steps and steps[0][0] == "postgres":
                self.tcp.recv(8, socket.MSG_WAITALL)
                self.tcp.sendall(b"S")
                steps = steps[1:]
            self.run(self.tls.do_handshake)
            for step in steps:
                self.step(*step)
            while True:
                self.read_more()
        except (Cut, OSError):
            pass
        finally:
            self.tcp.close()


def main():
    kind, script = sys.argv[1], json.loads(sys.argv[2])
    with tempfile.TemporaryDirectory(prefix="tls-peer-") as path:
        make_certificates(path, kind)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{path}/server.pem", f"{path}/server.key")

        def remember_name(tls, name, _):
            tls.asked_name = name

        context.sni_callback = remember_name
        listener = socket.create_server(("127.0.0.1", 0))
        print(listener.getsockname()[1], f"{path}/ca.pem", sep="\n", flush=True)

        def accept():
            number = 0
            while True:
                tcp, _ = listener.accept()
                # As servers do: Nagle's algorithm would hold an answer back, and a reset drop it.
                tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection = Connection(number, tcp, context)
                steps = script[min(number, len(script) - 1)]
                threading.Thread(target=connection.serve, args=(steps,), daemon=True).start()
                number += 1

        threading.Thread(target=accept, daemon=True).start()
        while os.read(0, 4096):
            pass
    # Threads may hold locks that the interpreter's own end would wait for.
    os._exit(0)


main()
