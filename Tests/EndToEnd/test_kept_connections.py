"""Connections that the web server keeps: no request fails for it, and none holds a thread."""

import contextlib
import os
import socket
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path

import fastcgi
import pytest
from client import Client, assert_error
from fastcgi import PARAMS, STDIN, Peer, begin, pairs, record, stream
from forms import audio, form, text
from waiting import at_once, wait_until

from stack.part import plain_environment

FOREIGN = {"Origin": "https://elsewhere.example"}


@pytest.fixture
def responder(stack):
    return stack.path / "responder.sock"


@pytest.mark.smoke
def test_connection_takes_one_request_after_another(responder, alice):
    body, content_type = form(audio(b"x" * 100_000), text("duration", "1"))
    with Peer(responder) as peer:
        for _ in range(3):
            stored = peer.ask_again(fastcgi.upload(body, content_type, alice.user), body)
            assert stored.status_code == 201
            assert peer.ask_again(fastcgi.parameters(user=alice.user)).json()["total"] == 1
            gone = fastcgi.parameters("DELETE", stored.headers["Location"], alice.user)
            assert peer.ask_again(gone).status_code == 200
            assert peer.ask_again(fastcgi.parameters(user=None)).status_code == 401


@pytest.mark.parametrize("size", [1, 8_191, 8_192, 100_000, 1_000_000])
def test_body_that_nobody_reads_does_not_end_the_connection(responder, size):
    given = fastcgi.upload(b"x" * size, "text/plain", "demo")
    with Peer(responder) as peer:
        for _ in range(2):
            assert_error(peer.ask_again(given, b"x" * size), 415, "UNSUPPORTED_MEDIA_TYPE")
        assert peer.ask_again().status_code == 200


def test_body_of_which_much_is_left_ends_it(responder):
    given = fastcgi.upload(b"", "text/plain", "demo", length=50_000_000)
    with Peer(responder) as peer:
        peer.send(begin(True), stream(PARAMS, pairs(given)), record(STDIN, b"x" * 10_000))
        (answer,) = fastcgi.answers_in(peer.receive_one())
        assert_error(answer, 415, "UNSUPPORTED_MEDIA_TYPE")
        assert peer.is_closed()


@pytest.mark.parametrize("length", ["", "100000"], ids=["in chunks", "announced"])
def test_refusal_does_not_wait_for_the_rest_of_a_body(responder, length):
    given = fastcgi.upload(b"", "text/plain", "demo", length=length)
    given.append(("HTTP_TRANSFER_ENCODING", "" if length else "chunked"))
    with Peer(responder, timeout=10) as peer:
        peer.send(begin(True), stream(PARAMS, pairs(given)), record(STDIN, b"x" * 10_000))
        output = b""
        while b"UNSUPPORTED_MEDIA_TYPE" not in output:
            piece = peer.socket.recv(65536)
            assert piece
            output += piece
        # The rest does not come, and then no second request may be read from here.
        while piece := peer.socket.recv(65536):
            output += piece
    assert [answer.status_code for answer in fastcgi.answers_in(output)] == [415]


def test_upload_that_breaks_off_ends_it(responder, db):
    body, content_type = form(audio(b"x" * 100_000), text("duration", "1"))
    given = fastcgi.upload(body, content_type, "broken-off")
    with Peer(responder) as peer:
        peer.send(begin(True), stream(PARAMS, pairs(given)), stream(STDIN, body[:50_000]))
        (answer,) = fastcgi.answers_in(peer.receive_one())
        assert_error(answer, 400, "INVALID_MULTIPART")
        # The body had an end, though not its own; the next request is one.
        assert peer.ask_again().status_code == 200
    assert not db.session_count("broken-off")


def test_a_slow_next_request_is_waited_for_by_no_thread(sites):
    site = sites.responder(workers=1)
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(Peer(site.socket)) for _ in range(30)]
        for _ in range(3):
            for peer in peers:
                assert peer.ask_again().status_code == 200
        assert fastcgi.ask(site.socket).status_code == 200


def test_body_timeout_does_not_stay_with_the_connection(sites, alice):
    """A head that does not come whole is given up after 5 s, after an upload as before."""
    site = sites.responder()
    body, content_type = form(audio(b"x" * 1_000), text("duration", "1"))
    with Peer(site.socket, timeout=15) as peer:
        assert peer.ask_again(fastcgi.upload(body, content_type, alice.user), body)
        peer.send(begin(True)[:4])
        started = time.monotonic()
        assert peer.is_closed()
        assert 3 < time.monotonic() - started < 12


def edited(sites, responder, keepalive):
    """nginx that keeps so many connections."""
    front = sites.nginx(responder.socket)
    file = front.directory / "nginx.conf"
    configured = file.read_text()
    assert "keepalive 16;" in configured
    file.write_text(configured.replace("keepalive 16;", f"keepalive {keepalive};"))
    front.stop()
    front.start()
    assert front.wait_until_ready(20)
    return front


@pytest.mark.parametrize("workers, keepalive", [(4, 8), (2, 4), (1, 16)])
@pytest.mark.parametrize("refuse", [False, True], ids=["taken", "some refused unread"])
def test_no_request_fails_and_none_starves(sites, workers, keepalive, refuse):
    limits = {"MAX_UPLOADS_IN_FLIGHT": 0, "MAX_UPLOADS_PER_HOUR": 0}
    front = edited(sites, sites.responder(workers=workers, **limits), keepalive)
    user = sites.stranger(front).user

    def work(_):
        client, statuses = Client(front.url, user), Counter()
        for number in range(15):
            statuses["GET", client.get().status_code] += 1
            stored = client.post(audio(b"x" * (1 + number * 3000)), text("duration", "1"))
            statuses["POST", stored.status_code] += 1
            if stored.status_code == 201:
                gone = client.delete(stored.headers["Location"])
                statuses["DELETE", gone.status_code] += 1
            if refuse:
                refused = client.post(audio(b"x" * 300_000), headers=FOREIGN)
                statuses["refused", refused.status_code] += 1
        return statuses

    statuses = sum(at_once(8, work), Counter())
    expected = {("GET", 200), ("POST", 201), ("DELETE", 200), *([("refused", 403)] * refuse)}
    assert set(statuses) == expected, statuses


def test_kept_connections_are_used_again(sites):
    """Or none of the above proves anything."""
    site = sites.responder()
    assert fastcgi.ask(site.socket).status_code == 200
    before = sockets(site.process.pid)
    client = Client(sites.nginx(site.socket).url, "demo")
    for _ in range(20):
        assert client.get().status_code == 200
    # Each of nginx's two worker processes keeps its own.
    assert 1 <= len(sockets(site.process.pid) - before) <= 3


def sockets(pid):
    """The sockets that a process has open."""
    found = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        # One may be closed meanwhile.
        with contextlib.suppress(FileNotFoundError):
            found.add(os.readlink(descriptor))
    return {name for name in found if name.startswith("socket:")}


def test_what_comes_on_a_kept_connection_after_the_stop_is_answered(sites, db):
    site = sites.responder(workers=2)
    body, content_type = form(audio(b"x" * 1_000), text("duration", "1"))
    with Peer(site.socket) as peer, Peer(site.socket) as other:
        assert peer.ask_again().status_code == other.ask_again().status_code == 200
        site.process.terminate()
        wait_until(lambda: "stopping" in site.log_text(), "the stop")
        for _ in range(3):
            assert peer.ask_again().status_code == 200
            given = fastcgi.upload(body, content_type, "late")
            assert other.ask_again(given, body).status_code == 201
        assert site.process.poll() is None
    assert site.wait() == 0, site.log_text()
    assert db.session_count("late") == 3


def test_peer_that_never_closes_does_not_hold_up_the_end(sites):
    site = sites.responder(workers=2)
    with Peer(site.socket) as peer:
        assert peer.ask_again().status_code == 200
        started = time.monotonic()
        site.process.terminate()
        assert site.wait(30) == 0, site.log_text()
        assert peer.is_closed()
    # Longer than nginx keeps one, as shipped, and not for ever.
    assert 6 < time.monotonic() - started < 20


def test_end_within_the_drain_time_whatever_is_kept(sites):
    site = sites.responder(workers=2, options=["--drain-seconds", "3"])
    with Peer(site.socket) as peer:
        assert peer.ask_again().status_code == 200
        started = time.monotonic()
        site.process.terminate()
        assert site.wait() == 0, site.log_text()
        assert time.monotonic() - started < 5


def test_restarts_on_a_socket_that_is_handed_in_lose_no_request(stack, sites, tmp_path):
    """As a service manager does it that keeps the socket: the next process starts first."""
    path = tmp_path / "handed-in.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        path.chmod(0o666)
        listener.listen(512)
        processes = []

        def start():
            environment = {**plain_environment(), **stack.settings}
            processes.append(
                subprocess.Popen([str(stack.program)], env=environment, stdin=listener)
            )

        start()
        front = sites.nginx(path)
        over = threading.Event()

        def work(_):
            client, statuses = Client(front.url, "demo"), Counter()
            while not over.is_set():
                statuses[client.get().status_code] += 1
            return statuses

        def restart(_):
            try:
                for _ in range(2):
                    time.sleep(1)
                    start()
                    time.sleep(1)
                    processes[-2].terminate()
                    assert processes[-2].wait(30) == 0
            finally:
                over.set()

        try:
            found = at_once(5, lambda number: (restart if number == 4 else work)(number))
            statuses = sum(filter(None, found), Counter())
            assert set(statuses) == {200} and statuses.total() > 100, statuses
        finally:
            for process in processes:
                process.kill()
                process.wait()
