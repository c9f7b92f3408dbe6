"""A stand-in for systemd: runs the installed services as their unit files say.

What only the kernel does for a unit (name spaces, filters of system calls) is left to systemd's own
word on it, `systemd-analyze`.
"""

import contextlib
import os
import secrets
import shlex
import shutil
import signal
import socket
import subprocess

import pytest
from units import Unit, environment_in, expand, seconds
from waiting import wait_until

from stack.directory import ROOT
from stack.responder import UNLIMITED

# The installation's files are seen over those of the machine, in their own places.
ENTER = """
for top in etc usr; do mount -t overlay overlay -o "lowerdir=$0/$top:/$top" "/$top" || exit; done
mount --bind "$0/run" /run && exec "$@"
"""
# Passed descriptors begin with this number, and the variable says whose they are.
PASS_SOCKET = 'umask "$0" && exec 3<&"$1" && LISTEN_PID=$$ exec "${@:2}"'


class Installation:
    """The files of the package below a directory, with settings and secrets written into them."""

    def __init__(self, root, program, settings):
        self.root = root
        lay_out = [ROOT / "scripts" / "packaging" / "lay-out", program, root]
        subprocess.run(lay_out, check=True, capture_output=True)
        (root / "run").mkdir()
        # One user more than the machine has.
        for name in ("passwd", "group"):
            shutil.copy(f"/etc/{name}", root / "etc")
        sysusers = ["systemd-sysusers", f"--root={root}"]
        subprocess.run(sysusers, check=True, capture_output=True)
        settings = {**UNLIMITED, **settings}
        secrets = root / "etc/sessions-fcgi/credentials"
        for file in secrets.iterdir():
            file.write_text(settings.pop(file.name) + "\n")
        lines = [f"{name}={shlex.quote(value)}\n" for name, value in settings.items()]
        (root / "etc/sessions-fcgi/env").write_text("".join(lines))

    def at(self, path):
        return self.root / path.lstrip("/")

    def unit(self, name):
        """Whose drop-ins are those of its template."""
        template = name.partition("@")[0] + "@.service" if "@" in name else name
        units = self.at("/usr/lib/systemd/system")
        return Unit(units / template, *sorted(units.glob(f"{template}.d/*.conf")))

    def entering(self, *command):
        """That command, where the installation's files are in their own places."""
        return ["unshare", "--mount", "bash", "-c", ENTER, str(self.root), *map(str, command)]

    def run(self, *command, **options):
        return subprocess.run(self.entering(*command), capture_output=True, text=True, **options)

    def account(self):
        """The numbers of the user that sysusers.d has made."""
        [line] = [
            line.split(":")
            for line in self.at("/etc/passwd").read_text().splitlines()
            if line.startswith("sessions-fcgi:")
        ]
        return int(line[2]), int(line[3])


class ServiceManager:
    """Holds the socket of sessions-fcgi.socket and starts what serves it."""

    def __init__(self, installation):
        self.installation = installation
        unit = installation.unit("sessions-fcgi.socket")
        self.socket = installation.at(unit.last("Socket", "ListenStream"))
        self.socket.parent.mkdir(exist_ok=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.socket))
        self.socket.chmod(int(unit.last("Socket", "SocketMode"), 8))
        shutil.chown(
            self.socket, unit.last("Socket", "SocketUser"), unit.last("Socket", "SocketGroup")
        )
        self.listener.listen(int(unit.last("Socket", "Backlog")))
        target = installation.unit("sessions-fcgi.target")
        names = " ".join(target.all("Unit", "Wants")).split()
        self.services = [Service(self, name) for name in names if name.endswith(".service")]
        assert unit.last("Socket", "Service") in names

    def stop(self):
        for service in self.services:
            service.kill()
        self.listener.close()
        self.socket.unlink()


class Service:
    def __init__(self, manager, name):
        self.manager = manager
        self.at = manager.installation.at
        self.name = name
        self.unit = manager.installation.unit(name)
        self.credentials = f"/run/credentials/{name}"
        instance = name.partition("@")[2].removesuffix(".service")
        self.specifiers = {"%i": instance}
        self.log = self.at(f"/run/{name}.log")
        self.process = self.notified = None
        self.messages = []

    def all(self, name):
        return [expand(value, self.specifiers) for value in self.unit.all("Service", name)]

    def last(self, name):
        return expand(self.unit.last("Service", name), self.specifiers)

    @property
    def admin(self):
        words = shlex.split(self.last("ExecStart"))
        return str(self.at(words[words.index("--admin-listen") + 1]))

    # What it is given

    def _prepare(self):
        credentials = self.at(self.credentials)
        credentials.mkdir(parents=True, exist_ok=True)
        [(prefix, source)] = [line.split(":") for line in self.all("LoadCredential")]
        for file in self.at(source).iterdir():
            credential = credentials / f"{prefix}_{file.name}"
            credential.unlink(missing_ok=True)
            shutil.copy(file, credential)
            credential.chmod(0o400)
        directory = self.at(f"/run/{self.last('RuntimeDirectory')}")
        directory.mkdir(parents=True, exist_ok=True)
        for place in [credentials, *credentials.iterdir(), directory]:
            os.chown(place, *self.manager.installation.account())

    def _environment(self, notify_name):
        given = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "NOTIFY_SOCKET": "@" + notify_name}
        given["CREDENTIALS_DIRECTORY"] = self.credentials
        for file in self.all("EnvironmentFile"):
            given |= environment_in(self.at(file))
        watchdog = int(seconds(self.last("WatchdogSec")) * 1_000_000)
        return {**given, "LISTEN_FDS": "1", "WATCHDOG_USEC": str(watchdog)}

    def _command(self):
        """The unit's own line, as its user and with no more rights and groups than that has."""
        settings = {name: self.last(name) for name in ("Type", "Sockets", "User")}
        assert settings == {
            "Type": "notify", "Sockets": "sessions-fcgi.socket", "User": "sessions-fcgi",
        }  # fmt: skip
        assert self.last("NoNewPrivileges") == "yes"
        for unknown in ("Group", "SupplementaryGroups", "CapabilityBoundingSet"):
            assert self.all(unknown) == []
        uid, gid = self.manager.installation.account()
        return self.manager.installation.entering(
            "bash", "-c", PASS_SOCKET, self.last("UMask"), self.manager.listener.fileno(),
            "prlimit", f"--nofile={self.last('LimitNOFILE')}",
            "setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--no-new-privs",
            "--bounding-set=-all", "--inh-caps=-all", "--pdeathsig=KILL",
            *shlex.split(self.last("ExecStart")),
        )  # fmt: skip

    # How it lives

    def start(self):
        self._prepare()
        name = f"sessions-fcgi-test-{secrets.token_hex(8)}"
        self.messages = []
        self.notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notified.bind("\0" + name)
        self.notified.setblocking(False)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self._command(), env=self._environment(name), stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, pass_fds=[self.manager.listener.fileno()], cwd="/",
            )  # fmt: skip
        wait_until(lambda: self.has_said("READY=1") or self.process.poll() is not None, self.name)
        assert self.has_said("READY=1"), self.log.read_text()

    def has_said(self, message):
        """Since its start."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self.messages += self.notified.recv(4096).decode().split("\n")
        return message in self.messages

    def begin_to_stop(self):
        self.process.send_signal(signal.SIGTERM)
        wait_until(lambda: self.has_said("STOPPING=1"), f"{self.name} says that it stops")

    def end(self):
        """Its status, within the time after which it would be killed."""
        try:
            status = self.process.wait(seconds(self.last("TimeoutStopSec")))
        except subprocess.TimeoutExpired:
            pytest.fail(f"{self.name} would have been killed")
        self.notified.close()
        return status

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.notified:
            self.notified.close()
