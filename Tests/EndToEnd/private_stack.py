"""A stack of the tests' own: the code of scripts/run, on free ports, in a directory that goes."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import boto3
from botocore.config import Config

from stack.directory import ROOT
from stack.part import dying_with_parent
from stack.ports import free_port

PASSWORD = "secret"


class PrivateStack:
    def __init__(self, program, scratch):
        self.program = program
        self.scratch = scratch
        # Not below pytest's own directory: uploads need a disk, and names short enough for sockets.
        self.path = Path(tempfile.mkdtemp(prefix="sessions-test-", dir="/var/tmp"))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None
        self.env = {}

    def start(self):
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT / "scripts"),
            "RUN_DIR": str(self.path),
            "PORT": str(self.port),
            "LOG_FORMAT": "text",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "stack", "run", "--program", str(self.program)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=dying_with_parent(signal.SIGTERM),
        )
        said = []
        for line in self.process.stdout:
            said.append(line)
            if "answers on" in line:
                self.env = self.read_env()
                return
        raise RuntimeError("the stack did not come up:\n" + "".join(said))

    def read_env(self):
        """RUN_DIR/env as a shell reads it."""
        script = 'set -a; . "$1"; env -0'
        found = subprocess.run(
            ["env", "-i", "sh", "-c", script, "sh", str(self.path / "env")],
            check=True,
            capture_output=True,
            text=True,
        )
        pairs = (entry.split("=", 1) for entry in found.stdout.split("\0") if entry)
        shell_own = {"PWD", "SHLVL", "_", "OLDPWD"}
        return {name: value for name, value in pairs if name not in shell_own}

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.communicate(timeout=90)
        if self.process and self.process.stdout:
            self.process.stdout.close()
        keep = os.environ.get("KEEP_RUN_DIR")
        if not keep:
            shutil.rmtree(self.path, ignore_errors=True)

    # What is in it

    @property
    def database_url(self):
        return self.env["DATABASE_URL"]

    @property
    def settings(self):
        """What sessions-fcgi is configured with there."""
        urls = {"BASE_URL", "ADMIN_URL"}
        return {name: value for name, value in self.env.items() if name not in urls}

    def add_user(self, name):
        # nginx reads the file on every request.
        name = os.fsencode(name) if isinstance(name, str) else name
        users = self.path / "nginx" / "sessions-fcgi-users"
        with open(users, "ab") as file:
            file.write(name + b":{PLAIN}" + PASSWORD.encode() + b"\n")

    def log(self, name):
        return (self.path / "log" / f"{name}.log").read_text(errors="replace")

    def part_pid(self, program):
        """The process id of a part, a child of the supervisor, by the end of its program's name."""
        for pid in self.part_pids():
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            words = [word.decode(errors="replace") for word in words[:4]]
            # nginx writes its own: "nginx: master process ...".
            if any(word.endswith(program) or word.startswith(f"{program}:") for word in words):
                return pid
        raise LookupError(f"no part runs {program}")

    def part_pids(self):
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def responder_pid(self):
        return self.part_pid(self.program.name)

    def bucket(self):
        client = boto3.client(
            "s3",
            endpoint_url=self.env["R2_ENDPOINT"],
            region_name="auto",
            aws_access_key_id=self.env["R2_ACCESS_KEY_ID"],
            aws_secret_access_key=self.env["R2_SECRET_ACCESS_KEY"],
            verify=self.env["R2_CA_FILE"],
            config=Config(s3={"addressing_style": "path"}, read_timeout=60),
        )
        return Bucket(client, self.env["R2_BUCKET_NAME"])


class Bucket:
    def __init__(self, client, name):
        self.client = client
        self.name = name

    def get(self, key):
        """The object's bytes and Content-Type, or None."""
        try:
            found = self.client.get_object(Bucket=self.name, Key=key)
        except self.client.exceptions.NoSuchKey:
            return None
        return found["Body"].read(), found["ContentType"]

    def delete(self, key):
        self.client.delete_object(Bucket=self.name, Key=key)

    def keys(self, prefix=""):
        pages = self.client.get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=self.name, Prefix=prefix)
        return [item["Key"] for page in found for item in page.get("Contents", [])]
