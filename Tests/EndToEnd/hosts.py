"""Hosts of a test's own: each has a network, and an /etc and a /run of its own over this machine's.

They know each other by name and nobody else, so that files can name hosts, ports and paths as on
any other day.
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess

import pytest
from logged import Logged
from proxy import Proxy

from stack.part import dying_with_parent, plain_environment

_libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
NAMES = ["web", "handler-a", "handler-b", "database"]
# Over a tmpfs, so that nothing has to be removed; nginx keeps bodies below /var/lib/nginx.
SETTLE = """
mount -t tmpfs tmpfs "$0"
mkdir "$0/etc" "$0/work"
mount -t overlay -o "lowerdir=/etc,upperdir=$0/etc,workdir=$0/work" overlay /etc
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=755 tmpfs /var/log
mount -t tmpfs -o mode=755 tmpfs /var/lib/nginx
mkdir /var/log/nginx
rm -f /etc/nginx/sites-enabled/*
ip link set lo up
echo settled
exec sleep infinity
"""


class Hosts:
    """All of them, and the switch between them, which is nothing but a network itself."""

    def __init__(self, path):
        self.path = path
        self.processes = []
        self.switch = self._own("true; echo settled; exec sleep infinity", "--net")
        self._configure(self.switch, "link", "add", "switch", "type", "bridge")
        self._configure(self.switch, "link", "set", "switch", "up")
        self.by_name = {name: self._host(name, n + 1) for n, name in enumerate(NAMES)}

    def __getitem__(self, name):
        return self.by_name[name]

    def _host(self, name, number):
        place = self.path / name
        place.mkdir()
        host = Host(name, f"10.0.0.{number}", self._own(SETTLE, "--net", "--mount", place))
        cable = ["link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", host.pid]
        self._configure(self.switch, *cable)
        self._configure(self.switch, "link", "set", name, "master", "switch", "up")
        self._configure(host.pid, "addr", "add", f"{host.address}/24", "dev", "eth0")
        self._configure(host.pid, "link", "set", "eth0", "up")
        known = [f"10.0.0.{n + 1} {name}\n" for n, name in enumerate(NAMES)]
        host.write("/etc/hosts", "127.0.0.1 localhost\n" + "".join(known))
        return host

    def _own(self, lines, *arguments):
        """A process in name spaces of its own, which end with it; its number."""
        *spaces, place = arguments if len(arguments) > 1 else (*arguments, "sh")
        process = subprocess.Popen(
            ["unshare", *spaces, "bash", "-ec", lines, str(place)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            preexec_fn=dying_with_parent(signal.SIGKILL),
        )  # fmt: skip
        self.processes.append(process)
        said = process.stdout.readline()
        if said != "settled\n":
            self.stop()
            pytest.skip(f"this machine lets nobody have a network of their own: {said.strip()}")
        return process.pid

    def _configure(self, pid, *words):
        enter = ["nsenter", f"--target={pid}", "--net", "ip"]
        subprocess.run([*enter, *map(str, words)], check=True, capture_output=True)

    def stop(self):
        for process in self.processes:
            process.kill()
            process.communicate()


class Host:
    def __init__(self, name, address, pid):
        self.name, self.address, self.pid = name, address, pid

    def command(self, *words):
        enter = ["nsenter", f"--target={self.pid}", "--net", "--mount", "--"]
        return [*enter, *map(str, words)]

    def run(self, *words, **options):
        options = {"env": plain_environment(), "text": True, "timeout": 60, **options}
        return subprocess.run(self.command(*words), capture_output=True, **options)

    def follow(self, lines, place, **options):
        """Lines of a guide, in that directory."""
        # The test starts services itself.
        lines = f"systemctl() {{ :; }}\ncd '{place}'\n{lines}"
        finished = self.run("bash", "-euc", lines, stdin=subprocess.DEVNULL, **options)
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return finished.stdout

    def write(self, path, text):
        self.run("tee", path, input=text, check=True)

    @contextlib.contextmanager
    def network(self):
        """Sockets that this thread makes meanwhile are the host's."""
        with open("/proc/thread-self/ns/net") as ours, open(f"/proc/{self.pid}/ns/net") as its:
            enter(its)
            try:
                yield
            finally:
                enter(ours)

    def listens_at(self, port):
        with self.network(), contextlib.suppress(OSError):
            socket.create_connection((self.address, port), timeout=2).close()
            return True


def enter(space):
    if _libc.setns(space.fileno(), CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


class Way(Proxy):
    """From a port of `here`'s loopback to one of `there`'s; None is this machine itself."""

    def __init__(self, here, there, port, own_port=None):
        self.here, self.there = here, there
        super().__init__("127.0.0.1", port, own_port)

    def _listen(self, port):
        with self.here.network() if self.here else contextlib.nullcontext():
            return super()._listen(port)

    def _connect(self):
        with self.there.network() if self.there else contextlib.nullcontext():
            return super()._connect()


class Service(Logged):
    """A program on a host, as a service manager would start it."""

    def __init__(self, run, host, name, words, is_ready, **settings):
        super().__init__(run)
        self.host, self.name = host, f"{host.name}-{name}"
        self.words, self.settings = words, settings
        self.is_ready = is_ready
        self.stop_signal = settings.pop("stop_signal", signal.SIGTERM)

    def command(self):
        return self.host.command(*self.words)

    def environment(self):
        return {**plain_environment(), **self.settings}

    def bring_up(self):
        self.start()
        assert self.wait_until_ready(20), self.log_text()

    def kill(self):
        """As a machine that loses its power: with all its processes, and no word."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
