"""scripts/bench in a miniature, and that it notices what it must not measure."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark import authorize
from benchmark.load import wrk_figures
from benchmark.processes import WrongProcess, cpu_seconds, require_listener
from stack.directory import ROOT

SAID_BY_WRK = """\
Running 10s test @ http://127.0.0.1:8080/api/sessions?page=1&limit=10
  2 threads and 100 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    24.74ms    7.61ms 110.55ms   88.50%
    Req/Sec     1.98k   236.25     2.44k    70.50%
  Latency Distribution
     50%   23.61ms
     75%   27.41ms
     90%   31.95ms
     99%    1.02s
  39429 requests in 10.02s, 120.34MB read
  Socket errors: connect 0, read 1, write 0, timeout 2
  Non-2xx or 3xx responses: 7
Requests/sec:   3935.03
Transfer/sec:     12.01MB
"""
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


def test_what_wrk_says_is_read_whatever_its_shares_are():
    assert wrk_figures(SAID_BY_WRK) == (39429, 3935.03, 23.6, 1020, 10)


def test_each_kind_of_token_is_measured(stack):
    samples = authorize.measure(stack.program, print, rounds=1, requests=3)
    assert len(samples) == 10 and all(cost > 0 for (cost,) in samples.values())
    assert set(authorize.SPEEDS) < set(samples)
    assert authorize.table({"a": [0.1], "b": [0.3, 0.201]}, {"b": 0.1}).count("DOES NOT HOLD") == 1


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
