"""Further responders with other settings, and nginx in front of them with other files."""

import re
import secrets
import signal
import socket
import subprocess
import time

import pytest
from client import Client
from logged import Logged
from pooler import Pooler
from private_stack import PASSWORD

from stack.directory import RunDirectory
from stack.nginx import Nginx
from stack.ports import free_port
from stack.responder import Responder


class Sites:
    """All that a test starts beside the stack; stopped, and their state removed, at its end."""

    def __init__(self, stack):
        self.stack = stack
        self.parts = []

    def responder(self, workers=None, prefix=(), options=(), ready=True, **settings):
        """sessions-fcgi with some settings changed (None takes one away), on its own socket."""
        changed = {**self.stack.settings, **settings}
        run = RunDirectory(self._directory("site"))
        given = {name: str(value) for name, value in changed.items() if value is not None}
        part = TestResponder(run, self.stack.program, given, workers=workers)
        part.prefix, part.options = list(prefix), list(options)
        self._start(part, ready)
        return part

    def nginx(
        self, responder_socket, identity="basic", http="", server="", edits=(), storage=None,
        upstream=None,
    ):  # fmt: skip
        """nginx in front of that socket. `edits` are (file, old, new) in the files that ship.

        `storage` is the store's address and the CA file for it, where nginx fetches recordings;
        `upstream` is what leads to the socket, if not the stack's own lines.
        """
        run = RunDirectory(self._directory("front"))
        part = TestNginx(run, free_port(), responder_socket, {"demo": PASSWORD})
        part.identity, part.storage, part.upstream = identity, storage, upstream
        part.http, part.server, part.edits = http, server, edits
        part.prepare()
        self._start(part, True)
        return part

    def pooler(self, server, user, password):
        """PgBouncer before the database server on that port."""
        part = Pooler(RunDirectory(self._directory("pooler")), server, user, password)
        self._start(part, True)
        return part

    def front_end(self, kind, **settings):
        """Another web server, which starts the program with some settings changed."""
        run = RunDirectory(self._directory("front"))
        part = kind(run, self.stack.program, {**self.stack.settings, **settings})
        part.prepare()
        self._start(part, True)
        part.stand_behind(self)
        return part

    def client(self, user=None, headers=None, **settings):
        """A client of a responder with these settings, through an nginx of its own.

        The client knows both, as `responder` and `nginx`.
        """
        responder = self.responder(**settings)
        front = self.nginx(responder.socket)
        client = Client(front.url, user or "demo", headers)
        if user:
            front.add_user(user)
        client.responder, client.nginx = responder, front
        return client

    def stranger(self, front):
        """A client of that nginx for a user that nobody has seen before."""
        name = f"stranger-{secrets.token_hex(6)}"
        front.add_user(name)
        return Client(front.url, name)

    def _directory(self, kind):
        path = self.stack.path / f"{kind}-{len(self.parts)}-{time.monotonic_ns()}"
        path.mkdir()
        return path

    def _start(self, part, ready):
        self.parts.append(part)
        part.start()
        if ready and not part.wait_until_ready(20):
            pytest.fail(f"{part.name} did not come up:\n{part.log_text()}")

    def stop(self):
        for part in reversed(self.parts):
            part.stop()


class TestResponder(Responder, Logged):
    __test__ = False
    prefix, options = [], []

    def command(self):
        return [*self.prefix, *super().command(), *self.options]

    def terminate(self, seconds=20):
        """SIGTERM, as a service manager sends it; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait(seconds)

    def wait(self, seconds=20):
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            pytest.fail(f"{self.name} did not end within {seconds} s")

    def temporary_files(self):
        """What it left in TEMP_DIR."""
        return list((self.run.path / "tmp").iterdir())


class TestNginx(Nginx, Logged):
    __test__ = False
    http, server, edits, upstream = "", "", (), None

    def configuration(self):
        text = super().configuration()
        pages = "        include sessions-fcgi/pages.conf;"
        additions = {"    upstream sessions_fcgi {": self.http, pages: self.server}
        for place, addition in additions.items():
            addition = addition.replace("@PORT@", str(self.port))
            text = text.replace(place, f"{addition}\n{place}")
        if self.upstream:
            text = re.sub(r"upstream sessions_fcgi \{.*?\n    \}", self.upstream, text, flags=re.S)
        return text

    def prepare(self):
        super().prepare()
        for name, old, new in self.edits:
            file = self.directory / "sessions-fcgi" / name
            shipped = file.read_text()
            assert old in shipped, f"{old!r} is not in {name}"
            file.unlink()
            file.write_text(shipped.replace(old, new))

    def is_ready(self):
        """It listens; what is behind it may be broken on purpose."""
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=2).close()
            return True
        except OSError:
            return False

    def add_user(self, name):
        with open(self.directory / "sessions-fcgi-users", "a") as file:
            file.write(f"{name}:{{PLAIN}}{PASSWORD}\n")
