"""Running it: how it stops, its log, and what it runs out of."""

import json
import os
import signal
import subprocess
import threading
from pathlib import Path

import administration
import fastcgi
import pytest
from administration import begin_upload, eventually
from client import assert_error
from fastcgi import PARAMS, STDIN, Peer, begin, pairs, stream
from forms import audio, form, text
from waiting import wait_until

# How it stops


def test_sigterm_under_load_loses_no_request(sites):
    """Every request that was taken is answered, and the program ends well."""
    site = sites.responder(workers=4)
    answers, refused = [], []
    began = threading.Event()

    def ask():
        while True:
            try:
                peer = Peer(site.socket)
            except OSError:
                refused.append(1)
                return
            with peer:
                try:
                    params = stream(PARAMS, pairs(fastcgi.parameters()))
                    peer.send(begin(), params, stream(STDIN, b""))
                    answer = peer.answer()
                except OSError:
                    answer = None
            # Waiting in the queue when it ended: never taken, nothing was done.
            if answer is None:
                refused.append(1)
                return
            answers.append(answer.status_code)
            began.set()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert began.wait(20)
    assert site.terminate() == 0, site.log_text()
    for thread in threads:
        thread.join(20)
    assert len(refused) == 8
    assert set(answers) == {200}
    # What the program says it answered is what arrived.
    assert site.log_text().count(" request ") == len(answers)


def test_what_does_not_end_in_time_is_left(sites):
    site = sites.responder(workers=2, options=["--drain-seconds", "1"])
    body, content_type = form(audio(b"x" * 1_000_000), text("duration", "1"))
    with Peer(site.socket) as peer:
        begin_upload(peer, "left", body, content_type, 50_000)
        assert fastcgi.ask(site.socket).status_code == 200
        assert site.terminate() == 1
    assert "requests did not end in time" in site.log_text()
    assert site.temporary_files() == []


def test_health_says_that_it_stops(sites):
    site = sites.responder(workers=2)
    body, content_type = form(audio(b"x" * 1_000_000), text("duration", "1"))
    assert administration.ask(site.admin, "/healthz")[0] == 200
    with Peer(site.socket) as peer:
        begin_upload(peer, "stops", body, content_type, 50_000)
        assert fastcgi.ask(site.socket).status_code == 200
        site.process.send_signal(signal.SIGTERM)
        stopping = eventually(lambda: administration.ask(site.admin, "/healthz")[0] == 503)
        assert stopping
        assert json.loads(administration.ask(site.admin, "/healthz")[2])["status"] == "stopping"
        peer.send(stream(STDIN, body[50_000:]))
        assert peer.answer().status_code == 201
    assert site.wait() == 0


# The log


def test_sighup_follows_a_rename_and_loses_no_line(sites, tmp_path):
    path, old = tmp_path / "responder.log", tmp_path / "responder.log.1"
    site = sites.responder(workers=2, LOG_FILE=path)
    stop = threading.Event()
    asked = []

    def ask():
        while not stop.is_set():
            asked.append(fastcgi.ask(site.socket).status_code)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        assert eventually(lambda: " request " in path.read_text())
        path.rename(old)
        site.process.send_signal(signal.SIGHUP)
        assert eventually(lambda: path.exists() and " request " in path.read_text())
    finally:
        stop.set()
        thread.join()
    assert site.terminate() == 0
    lines = (old.read_text() + path.read_text()).splitlines()
    assert sum(" request " in line for line in lines) == len(asked)
    assert "log reopened" in path.read_text()
    assert site.log_text() == ""


def test_log_that_cannot_be_reopened_stays(sites, tmp_path):
    directory = tmp_path / "there"
    directory.mkdir()
    site = sites.responder(workers=2, LOG_FILE=directory / "log")
    moved = tmp_path / "moved"
    directory.rename(moved)
    site.process.send_signal(signal.SIGHUP)
    assert eventually(lambda: "the log stays" in (moved / "log").read_text())
    assert fastcgi.ask(site.socket).status_code == 200
    assert eventually(lambda: " request " in (moved / "log").read_text())


def test_line_that_a_full_disk_cuts_goes_whole_to_standard_error(sites, tmp_path):
    """The limit on file size stands for a full disk: it too takes the first bytes of a line."""
    path = tmp_path / "log"
    path.write_bytes(bytes(999_990))
    site = sites.responder(prefix=["prlimit", "--fsize=1000000"], LOG_FILE=path)
    assert fastcgi.ask(site.socket).status_code == 200
    assert path.stat().st_size == 1_000_000
    lines = site.log_text().splitlines()
    assert any(" notice ready " in line for line in lines), lines
    assert any(" info request " in line for line in lines), lines


def test_request_line_has_what_operators_need(sites, alice):
    site = sites.responder(LOG_FORMAT="json")
    body, content_type = form(audio(b"x" * 100_000), text("duration", "1"))
    given = fastcgi.upload(body, content_type, alice.user, REQUEST_ID="feed1234")
    answer = fastcgi.ask(site.socket, given, body)
    assert answer.status_code == 201
    assert answer.headers["X-Request-Id"] == "feed1234"
    lines = [json.loads(line) for line in site.log_text().splitlines()]
    [line] = [line for line in lines if line["message"] == "request"]
    assert line["id"] == "feed1234"
    assert (line["method"], line["route"], line["status"]) == ("POST", "create", 201)
    assert (line["in"], line["out"]) == (len(body), len(answer.body))
    assert line["session"] == answer.json()["id"]
    phases = [line[name] for name in ("parse_ms", "db_ms", "storage_ms")]
    assert all(isinstance(phase, (int, float)) and phase > 0 for phase in phases)
    assert line["ms"] >= sum(phases)


@pytest.mark.parametrize("format", ["text", "json"])
def test_nobody_writes_into_the_log(sites, format):
    forged = '\n2026-01-01T00:00:00.000Z error forged=1\r\n\x1b[31m{"message":"forged"}'
    site = sites.responder(LOG_FORMAT=format, LOG_LEVEL="trace")
    given = dict(
        fastcgi.parameters(
            "GET", f"/api/sessions/{forged}", user="forger", REQUEST_ID=forged, HTTP_ORIGIN=forged,
            REMOTE_NAME=forged, HTTP_RANGE=forged, CONTENT_TYPE=forged,
        )
    )  # fmt: skip
    fastcgi.ask(site.socket, list(given.items()))
    given["REQUEST_METHOD"] = forged
    fastcgi.ask(site.socket, list(given.items()))
    log = site.log_text()
    assert log.count("request") >= 2
    assert "forged" not in log
    assert all(character.isprintable() for line in log.split("\n") for character in line)


# What it runs out of


def worker_count(site):
    names = Path(f"/proc/{site.process.pid}/task").glob("*/comm")
    return sum(name.read_text().startswith("worker-") for name in names)


def test_workers_outlive_the_want_of_descriptors(sites):
    site = sites.responder(prefix=["prlimit", "--nofile=40"], workers=8)
    # Its socket is there before its threads.
    wait_until(lambda: worker_count(site) == 8, "eight workers")
    body, content_type = form(audio(b"x" * 200_000), text("duration", "1"))
    peers = []
    try:
        for number in range(60):
            peer = Peer(site.socket)
            peers.append(peer)
            try:
                begin_upload(peer, f"crowd-{number}", body, content_type, 60_000)
            except OSError:
                break
    finally:
        for peer in peers:
            peer.socket.close()
    assert fastcgi.ask(site.socket).status_code == 200
    assert worker_count(site) == 8
    # The last check may have been made in the crowd, and stands until the next.
    wait_until(lambda: administration.ask(site.admin, "/healthz")[0] == 200, "health again")


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 1 MiB. Mounting needs root, as installing did."""
    place = tmp_path / "small"
    place.mkdir()
    as_root = [] if os.geteuid() == 0 else ["sudo"]
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=1777", "none", place]
    subprocess.run([*as_root, *mount], check=True)
    try:
        yield place
    finally:
        subprocess.run([*as_root, "umount", place], check=True)


def test_full_disk_is_507_and_passes(sites, alice, db, small_disk):
    site = sites.responder(TEMP_DIR=small_disk)

    def ask(size, *fields):
        body, content_type = form(audio(bytes(size)), *fields)
        answer = fastcgi.ask(site.socket, fastcgi.upload(body, content_type, alice.user), body)
        # Files are kept from one upload to the next; their room is not.
        assert os.statvfs(small_disk).f_bfree == os.statvfs(small_disk).f_blocks
        return answer

    duration = text("duration", "1")
    assert_error(ask(2_000_000, duration), 507, "INSUFFICIENT_STORAGE")
    assert not db.session_count(alice.user)
    assert ask(500_000, duration).status_code == 201
    assert ask(900_000).status_code == 400
    assert ask(900_000, duration).status_code == 201
    site.terminate()  # What it keeps would keep the disk.
