"""A database and a bucket of a test's own, and what is in them.

The stack's own responder sweeps the stack's database all the time. A test that looks at jobs, or
breaks the way to storage, needs a place where nobody but its own responders does anything.
"""

import contextlib
import os
import secrets
import subprocess
import threading
import time
from urllib.parse import urlsplit

import fastcgi
import psycopg
from commands import run_program, said
from forms import audio, form, text
from private_stack import Bucket
from waiting import wait_until


class Tenant:
    def __init__(self, stack, sites):
        self.stack = stack
        self.sites = sites
        self.name = f"tenant_{os.getpid()}_{secrets.token_hex(6)}"
        self.database_url = urlsplit(stack.database_url)._replace(path=f"/{self.name}").geturl()
        self.bucket = Bucket(stack.bucket().client, self.name.replace("_", "-"))

    def __enter__(self):
        with self._admin() as admin:
            admin.execute(f"CREATE DATABASE {self.name} OWNER sessions")
        self.bucket.client.create_bucket(Bucket=self.bucket.name)
        self.command("migrate")
        self.reconnect()
        return self

    def reconnect(self):
        self.connection = psycopg.connect(self.database_url, autocommit=True)

    def __exit__(self, *_):
        self.connection.close()
        self.sites.stop()
        with self._admin() as admin:
            admin.execute(f"DROP DATABASE {self.name} WITH (FORCE)")

    def _admin(self):
        return psycopg.connect(self.url_as("postgres", "postgres"), autocommit=True)

    def url_as(self, role, database=None, password=None):
        """The URL for another role, which has the same password unless one is given."""
        url = urlsplit(self.stack.database_url)
        place = f"{role}:{password or url.password}@{url.hostname}:{url.port}"
        return url._replace(netloc=place, path=f"/{database or self.name}").geturl()

    def database_url_at(self, port):
        """The URL by way of something that listens on that port."""
        url = urlsplit(self.database_url)
        place = f"{url.username}:{url.password}@127.0.0.1:{port}"
        return url._replace(netloc=place).geturl()

    def url_at_pooler(self, port):
        return f"{self.database_url_at(port)}?pgbouncer=true"

    # The program

    @property
    def settings(self):
        own = {"DATABASE_URL": self.database_url, "R2_BUCKET_NAME": self.bucket.name}
        return {**self.stack.settings, **own}

    def responder(self, **changed):
        return self.sites.responder(**{**self.settings, **changed})

    def pooler(self, server=None):
        """PgBouncer before the server, or before what listens on that port."""
        url = urlsplit(self.database_url)
        return self.sites.pooler(server or url.port, url.username, url.password)

    @contextlib.contextmanager
    def list_under_way(self, responder):
        """A list that holds a connection to the database until the end."""
        answers = []
        with psycopg.connect(self.database_url) as locking:
            # No job needs this table.
            locking.execute("LOCK TABLE users")
            ask = threading.Thread(target=lambda: answers.append(fastcgi.ask(responder.socket)))
            ask.start()
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            wait_until(lambda: self.value(waiting) == 1, "the list is under way")
            yield
        ask.join()
        assert answers[0].status_code == 200, answers[0].text

    def run(self, *arguments, **changed):
        return run_program(self.stack.program, {**self.settings, **changed}, *arguments)

    def command(self, *arguments, **changed):
        """Runs it; what it said, when it succeeded."""
        finished = self.run(*arguments, **changed)
        assert finished.returncode == 0, said(finished)
        return said(finished)

    def kill_at(self, gate, step, *arguments, **changed):
        """Runs it up to that step of the gate, and kills it there."""
        settings = {**self.settings, **changed}
        gate.arm(*step)
        process = subprocess.Popen(
            [self.stack.program, *arguments],
            env={name: str(value) for name, value in settings.items()},
            stdout=subprocess.DEVNULL,
        )
        try:
            assert gate.reached.wait(20), f"never came to {step}"
        finally:
            process.kill()
            process.wait(20)
            gate.cut()

    def sweep_until_no_job_is_left(self, timeout_seconds=1, seconds=30):
        """As cron would, again and again: a deletion is done once more after the timeout."""
        deadline = time.monotonic() + seconds
        while True:
            told = self.run("sweep", UPLOAD_TIMEOUT_SECONDS=timeout_seconds)
            jobs = self.jobs()
            if not jobs and told.returncode == 0:
                return
            assert time.monotonic() < deadline, f"{said(told)}\n{jobs}"
            time.sleep(0.2)

    # What is in it

    def execute(self, query, *parameters):
        return self.connection.execute(query, parameters)

    def value(self, query, *parameters):
        row = self.execute(query, *parameters).fetchone()
        return row and row[0]

    def session(self, session_id):
        """One row of speaking_sessions as a dictionary, or None."""
        return self.value("SELECT to_jsonb(s) FROM speaking_sessions s WHERE id = %s", session_id)

    def sessions(self):
        """Every row's id and (status, audioUrl)."""
        rows = self.execute('SELECT id, status::text, "audioUrl" FROM speaking_sessions')
        return {session: (status, key) for session, status, key in rows}

    def jobs(self, kind=None):
        """Every job as a dictionary, those of one kind only where that is given."""
        query = "SELECT to_jsonb(j) FROM sessions_fcgi.jobs j ORDER BY id"
        return [job for (job,) in self.execute(query) if kind in (None, job["kind"])]

    def free_job_count(self):
        """How many jobs nobody works on at this moment."""
        return self.value(
            "SELECT count(*) FROM sessions_fcgi.jobs"
            " WHERE id IN (SELECT id FROM sessions_fcgi.jobs FOR UPDATE SKIP LOCKED)"
        )

    def age_upload(self, seconds, session=None):
        """As if the upload, or all, had begun and been alive that many seconds earlier."""
        of = (seconds, session, session)
        where = 'WHERE %s::text IS NULL OR "sessionId" = %s'
        by = "%s * interval '1 second'"
        self.execute(
            f'UPDATE sessions_fcgi.uploads SET "startedAt" = "startedAt" - {by} {where}', *of
        )
        self.age_job(seconds, session)

    def age_job(self, seconds, session=None):
        """As if a process had last renewed the lease that many seconds earlier."""
        self.execute(
            'UPDATE sessions_fcgi.jobs SET "aliveAt" = "aliveAt" - %s * interval \'1 second\''
            ' WHERE %s::text IS NULL OR "sessionId" = %s', seconds, session, session
        )  # fmt: skip


# Requests straight to a responder's socket: no nginx has a part in what is tested here.


def post(site, data=b"not really sound", user="demo", timeout=60, key=None, **options):
    """An upload; the answer, or None when the connection ended without one."""
    given, body = post_request(data, user, key, **options)
    return fastcgi.ask(site.socket, given, body, timeout)


def post_request(data, user="demo", key=None, boundary="tenant-boundary-5Qk", **fields):
    """The parameters and the body of an upload."""
    kind = fields.pop("type", "audio/webm")
    texts = [text(name, value) for name, value in {"duration": "1", **fields}.items()]
    body, content_type = form(audio(data, kind), *texts, boundary=boundary)
    headers = {} if key is None else {"HTTP_IDEMPOTENCY_KEY": key}
    return fastcgi.upload(body, content_type, user, **headers), body


def upload(site, data=b"not really sound", user="demo", **options):
    """An upload that succeeds; the session's id."""
    answer = post(site, data, user, **options)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def get(site, path="", user="demo", timeout=60):
    given = fastcgi.parameters("GET", f"/api/sessions{path}", user=user)
    return fastcgi.ask(site.socket, given, timeout=timeout)


def delete(site, session, user="demo", timeout=60):
    given = fastcgi.parameters("DELETE", f"/api/sessions/{session}", user=user)
    return fastcgi.ask(site.socket, given, timeout=timeout)
