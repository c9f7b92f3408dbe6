"""The development stack: found by outside tools, on loopback only, and kept running."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from client import Client
from private_stack import PrivateStack

from stack.directory import ROOT

NAMES = {
    "DATABASE_URL", "R2_ENDPOINT", "R2_BUCKET_NAME", "R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY",
    "R2_CA_FILE", "BASE_URL", "ADMIN_URL",
}  # fmt: skip


@pytest.mark.smoke
def test_env_file_has_what_outside_tools_need(stack, bucket):
    assert set(stack.env) == NAMES
    assert (stack.path / "env").stat().st_mode & 0o777 == 0o600
    assert stack.env["BASE_URL"] == stack.url
    with psycopg.connect(stack.env["DATABASE_URL"]) as db:
        assert db.execute("SELECT 1").fetchone() == (1,)
    psql = ["psql", stack.env["DATABASE_URL"], "-Atc", "SELECT 2"]
    assert subprocess.run(psql, capture_output=True, text=True).stdout == "2\n"
    bucket.keys()


def test_every_part_listens_on_loopback_only(stack):
    inodes = set()
    for pid in descendants(stack.process.pid):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            try:
                target = os.readlink(descriptor)
            except FileNotFoundError:
                continue
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    listening = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                listening.append(fields[1].split(":")[0])
    assert len(listening) >= 6
    assert set(listening) == {"0100007F"}


def descendants(pid):
    found = [pid]
    for process in found:
        for task in Path(f"/proc/{process}/task").iterdir():
            try:
                found += [int(child) for child in (task / "children").read_text().split()]
            except FileNotFoundError:
                continue
    return found


@pytest.fixture(scope="module")
def own(stack, tmp_path_factory):
    """A second stack, side by side with the one all other tests use."""
    own = PrivateStack(stack.program, tmp_path_factory.mktemp("own"))
    try:
        own.start()
        yield own
    finally:
        own.stop()


def client(stack):
    client = Client(stack.url, "demo")
    client.http.auth = ("demo", "demo")
    return client


def test_two_stacks_share_nothing(stack, own):
    for name in NAMES - {"R2_CA_FILE"}:
        assert own.env[name] != stack.env[name]
    assert Path(own.env["R2_CA_FILE"]).read_bytes() != Path(stack.env["R2_CA_FILE"]).read_bytes()


@pytest.mark.parametrize("program", ["postgres", "stack.s3_server", "responder", "nginx"])
def test_part_that_dies_is_started_again(own, program):
    client(own).upload()
    name = own.program.name if program == "responder" else program
    os.kill(own.part_pid(name), signal.SIGKILL)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            client(own).upload()
            return
        except (AssertionError, OSError):
            time.sleep(0.1)
    pytest.fail(f"no upload within 30 s of killing {program}:\n{own.log('responder')[-2000:]}")


def test_second_start_in_the_same_directory_is_refused(own):
    environment = {**os.environ, "RUN_DIR": str(own.path), "PYTHONPATH": str(ROOT / "scripts")}
    command = [sys.executable, "-m", "stack", "run", "--program", str(own.program)]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert finished.returncode == 1
    assert "already running" in finished.stderr + finished.stdout


def test_port_that_is_taken_is_named(own, tmp_path):
    environment = {
        **os.environ, "RUN_DIR": str(tmp_path), "PORT": str(own.port),
        "PYTHONPATH": str(ROOT / "scripts"),
    }  # fmt: skip
    command = [sys.executable, "-m", "stack", "run", "--program", str(own.program)]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert finished.returncode == 1
    assert f"port {own.port} is taken" in finished.stderr + finished.stdout


def test_second_start_finds_the_data_of_the_first(own):
    session = client(own).upload(b"from before")
    before = own.env
    os.kill(own.process.pid, signal.SIGTERM)
    assert own.process.wait(90) == 0
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", own.port), timeout=1)
    own.process.stdout.close()
    own.start()
    assert own.env == before
    assert client(own).get(f"/api/sessions/{session}/audio").content == b"from before"
