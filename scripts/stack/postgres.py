"""A PostgreSQL cluster of the stack's own, on loopback, with a password made on the spot."""

import os
import pwd
import re
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg

from .directory import StackError
from .part import Part

NAME = "sessions"  # of the role and of the database
SETTINGS = """
# Written by scripts/run on every start.
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
shared_buffers = '64MB'
log_timezone = 'UTC'
# Far from UTC on purpose: a time that is written in the server's local time shows at once.
timezone = 'America/New_York'
"""


class Postgres(Part):
    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": sessions are ended, the log is written out
    stop_seconds = 30

    def __init__(self, run):
        super().__init__(run)
        self.port = run.port("postgres")
        self.data = run.path / "postgres"
        self.bin = _server_programs()
        self.url = self.url_as(NAME, NAME)

    def url_as(self, role, database):
        password = self.run["database_password"]
        return f"postgresql://{role}:{password}@127.0.0.1:{self.port}/{database}"

    def prepare(self):
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != self.bin.parent.name and self.bin.parent.name.isdigit():
            raise StackError(
                f"{self.data} was made by PostgreSQL {version}; this machine has"
                f" {self.bin.parent.name}. Remove {self.run.path} to begin anew."
            )
        (self.data / "stack.conf").write_text(SETTINGS.format(port=self.port))

    def _initialise(self):
        shutil.rmtree(self.data, ignore_errors=True)
        new = self.run.subdirectory("postgres.new", 0o700)
        shutil.rmtree(new)
        new.mkdir(0o700)
        self._give_to_server(new)
        password = self.run.write_private("postgres.password", self.run["database_password"])
        self._give_to_server(password)
        initdb = self._as_server(
            self.bin / "initdb", "-D", new, "-U", "postgres", "-A", "scram-sha-256",
            f"--pwfile={password}", "--encoding=UTF8", "--locale=C.UTF-8",
        )  # fmt: skip
        made = subprocess.run(initdb, capture_output=True, text=True, cwd="/")
        password.unlink()
        if made.returncode:
            raise StackError(f"initdb failed: {made.stderr.strip()}")
        with open(new / "postgresql.conf", "a") as conf:
            conf.write("include 'stack.conf'\n")
        new.rename(self.data)

    def command(self):
        return self._as_server(self.bin / "postgres", "-D", self.data)

    def is_ready(self):
        try:
            with psycopg.connect(self.url_as("postgres", "postgres"), connect_timeout=2) as db:
                return db.execute("SELECT 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False

    def ensure_database(self):
        """The role and the database that DATABASE_URL names; an ordinary role, as the app's is."""
        password = self.run["database_password"]
        with psycopg.connect(self.url_as("postgres", "postgres"), autocommit=True) as db:
            if not db.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [NAME]).fetchone():
                role = psycopg.sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
                db.execute(role.format(psycopg.sql.Identifier(NAME), password))
            if not db.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
                name = psycopg.sql.Identifier(NAME)
                db.execute(psycopg.sql.SQL("CREATE DATABASE {} OWNER {}").format(name, name))

    # PostgreSQL refuses to run as root, so root runs it as the user its package made.

    def _as_server(self, *command):
        words = [str(word) for word in command]
        if os.geteuid() != 0:
            return words
        drop = [
            "setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups",
            "--pdeathsig", "INT",
        ]  # fmt: skip
        if not self._server_can_reach(self.run.path):
            # RUN_DIR lies under a directory closed to others, such as /root. Rather than open
            # that, the server may pass through directories, and nothing else.
            drop += [
                "--inh-caps", "-all,+dac_read_search", "--ambient-caps", "-all,+dac_read_search"
            ]  # fmt: skip
        return [*drop, "--", *words]

    def _server_can_reach(self, path):
        test = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
        return not subprocess.run([*test, "--", "test", "-x", path]).returncode

    def _give_to_server(self, path):
        if os.geteuid() == 0:
            server = pwd.getpwnam("postgres")
            os.chown(path, server.pw_uid, server.pw_gid)


def _server_programs():
    """Where initdb and postgres are: Debian keeps them out of PATH, one directory a version."""
    versions = [
        path
        for path in Path("/usr/lib/postgresql").glob("*/bin")
        if (path / "initdb").exists() and re.fullmatch(r"\d+", path.parent.name)
    ]
    if versions:
        return max(versions, key=lambda path: int(path.parent.name))
    found = shutil.which("initdb")
    if not found:
        raise StackError("PostgreSQL's server is not installed (scripts/install run)")
    return Path(found).resolve().parent
