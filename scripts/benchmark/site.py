"""What all peers share: PostgreSQL, the S3 server, and a directory that goes at the end."""

import shutil
import tempfile
from pathlib import Path

import psycopg

from stack.directory import ROOT, RunDirectory, StackError
from stack.postgres import NAME, Postgres
from stack.s3 import S3

from .peers import KINDS, NotInstalled
from .processes import cpu_seconds

TABLES = ROOT / "Sources" / "Sessions" / "Schema" / "Repeated" / "app_tables.sql"
READY_SECONDS = 60


class Site:
    def __init__(self, program, say):
        self.program, self.say = program, say
        # Not in /tmp, which may be memory: uploads need a disk.
        self.path = Path(tempfile.mkdtemp(prefix="sessions-bench-", dir="/var/tmp"))
        self.run = RunDirectory(self.path)
        self.peers = []
        self.left_out = {}

    def __enter__(self):
        try:
            return self._start()
        except BaseException:
            self.__exit__()
            raise

    def _start(self):
        self.run.acquire()
        self.postgres, self.s3 = Postgres(self.run), S3(self.run)
        for part in (self.postgres, self.s3):
            part.prepare()
            part.start()
        for part in (self.postgres, self.s3):
            if not part.wait_until_ready(READY_SECONDS):
                raise StackError(f"{part.name} did not come up")
        self.postgres.ensure_database()
        self.s3.ensure_bucket()
        return self

    def __exit__(self, *_):
        parts = [getattr(self, name, None) for name in ("s3", "postgres")]
        for part in [*self.peers, *filter(None, parts)]:
            part.stop()
        shutil.rmtree(self.path, ignore_errors=True)

    def add_peers(self, names):
        for name in names:
            settings = {
                "DATABASE_URL": self._make_database(f"bench_{name}", tables=name != "ours"),
                "R2_ENDPOINT": self.s3.endpoint,
                "R2_BUCKET_NAME": self.s3.bucket,
                "R2_ACCESS_KEY_ID": self.s3.access_key_id,
                "R2_SECRET_ACCESS_KEY": self.s3.secret_access_key,
                "R2_CA_FILE": str(self.s3.certificates.ca),
            }
            try:
                self.peers.append(KINDS[name](self.run, settings, self.program))
            except NotInstalled as missing:
                self.left_out[name] = str(missing)
                self.say(f"{name} is left out: not installed: {missing}")

    def _make_database(self, name, tables):
        with psycopg.connect(self.postgres.url_as("postgres", "postgres"), autocommit=True) as db:
            db.execute(f"CREATE DATABASE {name} OWNER {NAME}")
        url = self.postgres.url_as(NAME, name)
        if tables:
            with psycopg.connect(url, autocommit=True) as db:
                db.execute(TABLES.read_text())
        return url

    def cpu(self, peer):
        return {**peer.cpu(), "postgres": cpu_seconds(self.postgres.process.pid)}

    # What is in the bucket

    def objects(self):
        """Size by key."""
        pages = self.s3.client().get_paginator("list_objects_v2").paginate(Bucket=self.s3.bucket)
        return {item["Key"]: item["Size"] for page in pages for item in page.get("Contents", [])}
