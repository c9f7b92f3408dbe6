"""scripts/bench in a miniature, and that it notices what it must not measure."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark.processes import WrongProcess, cpu_seconds, require_listener
from stack.directory import ROOT

PARTS = ("backend", "nginx", "postgres")


def test_every_work_is_measured(stack, tmp_path):
    command = [ROOT / "scripts" / "bench", "--peers", "ours,floor", "--rounds", "1"]
    command += ["--requests", "5", "--output", tmp_path]
    environment = {"PATH": "/usr/sbin:/usr/bin:/bin", "SESSIONS_FCGI": str(stack.program)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "ours : floor" in done.stdout
    found = json.loads((tmp_path / "bench.json").read_text())
    assert found["left_out"] == {}
    for work in ("list", "post", "delete", "post_large"):
        for peer in ("ours", "floor"):
            assert all(found["samples"][work][peer][part][0] > 0 for part in PARTS), work
    for name, peers in {"started": 2, "at_once": 2, "cgi": 2, "version": 1}.items():
        assert len(found["samples"][name]) == peers
    assert (tmp_path / "bench.svg").read_text().startswith("<svg ")


def test_another_process_on_the_socket_is_noticed(stack):
    socket = stack.path / "responder.sock"
    require_listener(stack.responder_pid(), socket)
    require_listener(stack.part_pid("nginx"), stack.port)
    for place in (socket, stack.port, Path("/nobody/listens.sock")):
        with pytest.raises(WrongProcess):
            require_listener(stack.part_pid("postgres"), place)


def test_time_of_children_and_threads_counts():
    """Those that ended, too, if they were waited for."""
    busy = "import time\nwhile time.process_time() < 0.3: pass"
    thread = f"import threading\nt = threading.Thread(target=lambda: exec({busy!r}))\n"
    script = f"{thread}t.start(); t.join()\nprint(flush=True); input()"
    child = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {busy!r}])\n"
    for source in (script, f"{child}print(flush=True); input()"):
        process = subprocess.Popen(
            [sys.executable, "-c", source], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        try:
            process.stdout.readline()
            assert 0.28 < cpu_seconds(process.pid) < 3
        finally:
            process.communicate(b"\n", timeout=20)
