"""sessions-fcgi itself, on a Unix socket."""

import os
import socket
import subprocess

from .directory import StackError
from .part import Part, plain_environment

PASSED_ON = (
    "LOG_LEVEL",
    "LOG_FORMAT",
    "ALLOWED_ORIGINS",
    "UPLOAD_TIMEOUT_SECONDS",
    "MAX_UPLOADS_IN_FLIGHT",
    "MAX_UPLOADS_PER_HOUR",
)
# A developer and the load tests upload as much as they like.
UNLIMITED = {"MAX_UPLOADS_IN_FLIGHT": "0", "MAX_UPLOADS_PER_HOUR": "0"}


class Responder(Part):
    name = "responder"
    stop_seconds = 30

    def __init__(self, run, program, settings, name="responder", workers=None, admin=None):
        super().__init__(run)
        self.name = name
        self.program = str(program)
        self.settings = settings
        self.workers = workers
        self.socket = run.socket(name)
        self.admin = admin or str(run.socket(f"{name}-admin"))

    def command(self):
        command = [
            self.program, "serve", "--listen", str(self.socket), "--socket-mode", "0660",
            "--admin-listen", self.admin,
        ]  # fmt: skip
        return command + (["--workers", str(self.workers)] if self.workers else [])

    def environment(self):
        passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        temporary = str(self.run.subdirectory("tmp", 0o700))
        ours = {**UNLIMITED, **passed, "TEMP_DIR": temporary, **self.settings}
        return {**plain_environment(), **ours}

    def migrate(self):
        """Makes or updates the tables; may be repeated."""
        done = subprocess.run(
            [self.program, "migrate"], env=self.environment(), capture_output=True, text=True
        )
        with open(self.run.log("migrate"), "a") as log:
            log.write(done.stdout + done.stderr)
        if done.returncode:
            said = (done.stderr or done.stdout).strip()
            raise StackError(f"sessions-fcgi migrate failed ({done.returncode}): {said}")

    def is_ready(self):
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(2)
            try:
                probe.connect(str(self.socket))
                return True
            except OSError:
                return False
