"""RUN_DIR: where a stack keeps its state, what is random in it, and who holds it."""

import fcntl
import hashlib
import json
import os
import re
import secrets
import stat
from pathlib import Path

from .ports import free_port, take

ROOT = Path(__file__).resolve().parents[2]
MAX_SOCKET_PATH_BYTES = 107  # sockaddr_un.sun_path less its NUL
PORT_NAMES = ("postgres", "s3", "s3_account", "s3_container", "s3_object", "admin")


class StackError(Exception):
    """What the person at the keyboard must be told, in one or a few lines."""


class RunDirectory:
    def __init__(self, path):
        self.path = Path(path).resolve()
        # nginx would read these as part of its configuration, even in quotes.
        if re.search(r'["$\\\x00-\x1f]', str(self.path)):
            unwanted = "quotes, $, \\ or control characters"
            raise StackError(f"RUN_DIR must not hold {unwanted}: {self.path}")
        self._lock = None
        self._state = {}

    @classmethod
    def from_environment(cls):
        return cls(os.environ.get("RUN_DIR") or ROOT / ".run")

    # Who holds it

    def acquire(self):
        """Makes this process the only holder until it ends, however it ends."""
        self.path.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o755)
        lock = open(self.path / "lock", "a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(self._running_message()) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        self._lock = lock
        self._load_state()

    def holder(self):
        """The process id of the running stack, or None."""
        try:
            lock = open(self.path / "lock", "r+")
        except FileNotFoundError:
            return None
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return None
            except BlockingIOError:
                return int(lock.read() or 0) or None

    def refuse_if_running(self):
        if self.holder():
            raise StackError(self._running_message())

    def _running_message(self):
        return f"a stack is already running in {self.path} (scripts/stop ends it)"

    # What was made on the first start

    def _load_state(self):
        file = self.path / "state.json"
        if file.exists():
            self._state = json.loads(file.read_text())
        else:
            self._state = {
                "database_password": secrets.token_urlsafe(24),
                "storage_user": secrets.token_hex(8),
                "storage_secret": secrets.token_urlsafe(30),
                "storage_hash_suffix": secrets.token_hex(16),
                "bucket": f"recordings-{secrets.token_hex(6)}",
                "ports": {},
            }
        ports = self._state["ports"]
        for name in PORT_NAMES:
            if name not in ports or not take(ports[name]):
                ports[name] = free_port()
        self.write_private("state.json", json.dumps(self._state, indent=2) + "\n")

    def __getitem__(self, name):
        return self._state[name]

    def port(self, name):
        return self._state["ports"][name]

    # Places

    def subdirectory(self, name, mode=0o755):
        path = self.path / name
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(mode)
        return path

    def log(self, name):
        return self.subdirectory("log") / f"{name}.log"

    def write_private(self, name, text):
        """Written whole or not at all, readable by its owner only."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(path.name + ".new")
        new.unlink(missing_ok=True)
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        new.rename(path)
        return path

    def socket(self, name):
        """Where the Unix socket of that name goes.

        In RUN_DIR, unless the path is too long for a socket or has characters that nginx reads
        otherwise in `unix:PATH`: then in a private directory of ours in /tmp.
        """
        path = self.path / f"{name}.sock"
        if len(os.fsencode(path)) <= MAX_SOCKET_PATH_BYTES and re.fullmatch(
            r"[A-Za-z0-9._/+-]+", str(path)
        ):
            return path
        digest = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]
        directory = Path(f"/tmp/sessions-fcgi-{os.getuid()}-{digest}")
        directory.mkdir(mode=0o700, exist_ok=True)
        found = directory.lstat()
        if (
            not stat.S_ISDIR(found.st_mode)
            or found.st_uid != os.getuid()
            or stat.S_IMODE(found.st_mode) != 0o700
        ):
            raise StackError(f"{directory} is not a private directory of ours: remove it")
        return directory / f"{name}.sock"
