"""The program as a process: its command line, its settings, how it starts and how it ends."""

import base64
import os
import signal
import socket
import subprocess
import threading
import time
from urllib.parse import urlsplit

import fastcgi
import psycopg
import pytest
from client import assert_error
from commands import run_program, said
from fastcgi import PARAMS, STDIN, Peer, begin, pairs, record, stream
from forms import audio, form, text
from private_stack import PASSWORD

from stack.part import plain_environment
from stack.ports import free_port

REQUIRED = [
    "DATABASE_URL", "R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY", "R2_BUCKET_NAME"
]  # fmt: skip


# Settings


@pytest.mark.smoke
def test_missing_settings_are_all_named_in_one_line(run, tmp_path):
    missing = dict.fromkeys([*REQUIRED, "R2_ENDPOINT"])
    finished = run("serve", "--listen", str(tmp_path / "s.sock"), **missing)
    assert finished.returncode != 0
    lines = said(finished).strip().splitlines()
    assert len(lines) == 1, lines
    assert all(name in lines[0] for name in REQUIRED)
    assert "R2_ACCOUNT_ID" in lines[0] or "R2_ENDPOINT" in lines[0]
    assert not (tmp_path / "s.sock").exists()


@pytest.mark.parametrize(
    "name, value",
    [
        ("DATABASE_URL", "mysql://localhost/x"),
        ("DATABASE_URL", ""),
        ("R2_ENDPOINT", "http://localhost:1"),
        ("R2_ENDPOINT", "localhost"),
        ("R2_CA_FILE", "/nonexistent/ca.pem"),
        ("R2_BUCKET_NAME", ""),
        ("R2_SESSION_TOKEN", "two words"),
        ("TEMP_DIR", "/nonexistent"),
        ("UPLOAD_TIMEOUT_SECONDS", "0"),
        ("UPLOAD_TIMEOUT_SECONDS", "-1"),
        ("UPLOAD_TIMEOUT_SECONDS", "15m"),
        ("UPLOAD_TIMEOUT_SECONDS", "31536001"),
    ],
)
def test_wrong_setting_is_named(run, tmp_path, name, value):
    finished = run("serve", "--listen", str(tmp_path / "s.sock"), **{name: value})
    assert finished.returncode != 0
    assert name in said(finished)
    assert len(said(finished).strip().splitlines()) == 1


@pytest.mark.parametrize("name", ["DATABASE_URL", "R2_SECRET_ACCESS_KEY", "R2_ACCESS_KEY_ID"])
def test_secret_may_come_from_a_file(run, stack, tmp_path, name):
    file = tmp_path / "secret"
    file.write_text(stack.settings[name] + "\n")
    finished = run("check", **{name: None, f"{name}_FILE": file})
    assert finished.returncode == 0, said(finished)


def test_session_token_may_come_from_a_file(run, tmp_path):
    # The store knows no such tokens, but it checks the signature of every field that is signed.
    file = tmp_path / "token"
    file.write_text("a-session-token/+==\n")
    finished = run("check", R2_SESSION_TOKEN_FILE=file)
    assert finished.returncode == 0, said(finished)
    assert "a-session-token" not in said(finished)


# migrate, check, --version


@pytest.mark.smoke
def test_check_says_that_all_is_well(run):
    finished = run("check")
    assert finished.returncode == 0, said(finished)


@pytest.mark.parametrize(
    "name, value",
    [
        ("R2_SECRET_ACCESS_KEY", "wrong"),
        ("R2_BUCKET_NAME", "no-such-bucket"),
        ("R2_ENDPOINT", "https://store.invalid"),
        ("DATABASE_URL", "postgresql://nobody:wrong@127.0.0.1:1/none"),
    ],
)
def test_check_fails_where_something_is_wrong(run, stack, name, value):
    finished = run("check", **{name: value})
    assert finished.returncode not in (0, -signal.SIGSEGV, -signal.SIGILL, -signal.SIGABRT)
    assert said(finished).strip()
    assert stack.settings["R2_SECRET_ACCESS_KEY"] not in said(finished)
    assert urlsplit(stack.database_url).password not in said(finished)


def test_version(run):
    finished = run("--version")
    assert finished.returncode == 0
    assert any(letter.isdigit() for letter in said(finished))


def test_serve_without_migrate_says_what_to_do(run, empty_database_url, tmp_path):
    finished = run("serve", "--listen", str(tmp_path / "s"), DATABASE_URL=empty_database_url)
    assert finished.returncode not in (0, -signal.SIGABRT)
    lines = said(finished).strip().splitlines()
    assert len(lines) == 1 and "migrate" in lines[0], lines


def test_migrate_makes_the_tables_and_may_be_repeated(run, empty_database_url, sites):
    for _ in range(2):
        finished = run("migrate", DATABASE_URL=empty_database_url)
        assert finished.returncode == 0, said(finished)
    client = sites.client(DATABASE_URL=empty_database_url)
    client.upload()
    with psycopg.connect(empty_database_url) as db:
        assert db.execute("SELECT count(*) FROM speaking_sessions").fetchone() == (1,)


def test_migrations_at_once_do_not_disturb_each_other(run, empty_database_url):
    results = []

    def migrate():
        results.append(run("migrate", DATABASE_URL=empty_database_url))

    threads = [threading.Thread(target=migrate) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result.returncode for result in results] == [0] * 4, [said(r) for r in results]


# Where it listens


def test_tcp_on_loopback(sites):
    port = free_port()
    site = sites.responder(ready=False)
    site.stop()
    assert ask_started(sites, ["--listen", f"127.0.0.1:{port}"], ("127.0.0.1", port)) == 200


def ask_started(sites, options, address):
    """Starts the program with these options in place of its own --listen; asks it once."""
    site = sites.responder(ready=False)
    site.stop()
    site.command = lambda: [site.program, "serve", *options]
    site.start()
    deadline = time.monotonic() + 20
    while True:
        try:
            return fastcgi.ask(address).status_code
        except (ConnectionRefusedError, FileNotFoundError):
            assert time.monotonic() < deadline and site.is_running(), site.log_text()
            time.sleep(0.05)


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:9000", ":9000"])
def test_tcp_on_other_addresses_is_refused(run, address):
    finished = run("serve", "--listen", address)
    assert finished.returncode != 0
    assert "loopback" in said(finished) or "--listen" in said(finished)


@pytest.mark.parametrize("descriptor", [0, 3], ids=["spawn-fcgi", "systemd"])
def test_inherited_socket(stack, tmp_path, descriptor):
    path = tmp_path / "inherited.sock"
    environment = {**plain_environment(), **stack.settings}

    def inherit():
        os.dup2(listener.fileno(), descriptor)
        os.set_inheritable(descriptor, True)
        if descriptor == 3:
            os.environ["LISTEN_PID"] = str(os.getpid())

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(64)
        command = [str(stack.program)]
        if descriptor == 3:
            # The number of the process is known only in it.
            environment["LISTEN_FDS"] = "1"
            command = ["sh", "-c", 'LISTEN_PID=$$ exec "$0"', *command]
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL if descriptor else listener,
            preexec_fn=inherit if descriptor else None, close_fds=descriptor == 0,
        )  # fmt: skip
        try:
            assert fastcgi.ask(path).status_code == 200
            # The listener is another's too: it must survive the program.
            process.terminate()
            assert process.wait(20) == 0
            Peer(path).socket.close()
        finally:
            process.kill()
            process.wait()


def test_a_worker_that_cannot_start_ends_the_start(stack, tmp_path):
    path = tmp_path / "s.sock"
    # A worker's stack is 1 MiB, so there is room for some of them.
    finished = run_program(
        "prlimit", stack.settings, "--as=700000000", stack.program, "serve", "--listen", path,
        "--workers=1024",
    )  # fmt: skip
    assert finished.returncode == 1, said(finished)
    assert "Resource temporarily unavailable" in said(finished).splitlines()[-1]
    assert not path.exists()


def test_plain_cgi(run, alice, db):
    alice.upload()
    given = dict(fastcgi.parameters(user=alice.user))
    answer = fastcgi.cgi_answer(run(**given).stdout)
    assert answer.status_code == 200
    assert answer.json()["total"] == 1


def test_upload_by_plain_cgi(run, alice, db):
    body, content_type = form(audio(b"x" * 100_000), text("duration", "1"))
    given = dict(fastcgi.upload(body, content_type, alice.user))
    answer = fastcgi.cgi_answer(run(input=body, **given).stdout)
    assert answer.status_code == 201, answer.text
    assert db.session(answer.json()["id"])["status"] == "UPLOADED"


def test_started_by_hand_without_any_socket(run):
    finished = run()
    assert finished.returncode != 0
    assert said(finished).strip()


def test_second_instance_leaves_the_first_ones_socket_alone(sites, run):
    site = sites.responder()
    finished = run("serve", "--listen", str(site.socket))
    assert finished.returncode != 0
    assert fastcgi.ask(site.socket).status_code == 200


def test_socket_left_behind_by_a_killed_instance_is_taken_over(sites):
    site = sites.responder()
    site.process.kill()
    site.wait()
    site.start()
    assert site.wait_until_ready(20), site.log_text()
    assert fastcgi.ask(site.socket).status_code == 200


# How it ends


ENDING = {"TERM": signal.SIGTERM, "INT": signal.SIGINT, "USR1": signal.SIGUSR1}


@pytest.mark.smoke
@pytest.mark.parametrize("number", ENDING.values(), ids=ENDING)
def test_idle_workers_leave_at_once(sites, number):
    site = sites.responder(workers=8)
    assert fastcgi.ask(site.socket).status_code == 200
    started = time.monotonic()
    site.process.send_signal(number)
    assert site.wait() == 0, site.log_text()
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("number", ENDING.values(), ids=ENDING)
def test_upload_in_flight_is_finished_before_it_ends(sites, db, number):
    site = sites.responder(workers=2)
    body, content_type = form(audio(b"x" * 1_000_000), text("duration", "1"))
    user = f"in-flight-{number}"
    given = fastcgi.upload(body, content_type, user)
    with Peer(site.socket) as peer:
        peer.send(begin(), stream(PARAMS, pairs(given)), record(STDIN, body[:50_000]))
        # Answered, so the program has taken the connection before it.
        assert fastcgi.ask(site.socket).status_code == 200
        site.process.send_signal(number)
        wait_until_refused(site.socket)
        peer.send(stream(STDIN, body[50_000:]))
        assert peer.answer().status_code == 201
    assert site.wait() == 0, site.log_text()
    assert db.session_count(user) == 1


def wait_until_refused(path, seconds=10):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            Peer(path).socket.close()
        except (ConnectionRefusedError, FileNotFoundError):
            return
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGPIPE])
def test_other_signals_destroy_no_upload(sites, db, number):
    site = sites.responder(workers=2)
    user = f"signal-{number}"
    body, content_type = form(audio(b"x" * 1_000_000), text("duration", "1"))
    with Peer(site.socket) as peer:
        given = fastcgi.upload(body, content_type, user)
        peer.send(begin(), stream(PARAMS, pairs(given)), record(STDIN, body[:50_000]))
        for _ in range(20):
            site.process.send_signal(number)
            time.sleep(0.005)
        peer.send(stream(STDIN, body[50_000:]))
        answer = peer.answer()
    assert answer is not None and answer.status_code == 201
    assert db.session_count(user) == 1


def test_no_temporary_file_is_left_by_kill_9(sites):
    site = sites.responder(workers=2)
    body, content_type = form(audio(b"x" * 5_000_000), text("duration", "1"))
    with Peer(site.socket) as peer:
        given = fastcgi.upload(body, content_type, "killed")
        peer.send(begin(), stream(PARAMS, pairs(given)), stream(STDIN, body[:4_000_000])[:-8])
        site.process.kill()
        site.wait()
    assert site.temporary_files() == []


# What it runs out of


def test_no_room_for_the_temporary_file(sites, alice, db):
    """The limit on file size stands for a full disk: EFBIG, where that gives ENOSPC."""
    site = sites.responder(prefix=["prlimit", "--fsize=1000000"])
    body, content_type = form(audio(bytes(2_000_000)), text("duration", "1"))
    given = fastcgi.upload(body, content_type, alice.user)
    assert_error(fastcgi.ask(site.socket, given, body), 507, "INSUFFICIENT_STORAGE")
    assert not db.session_count(alice.user)
    small, content_type = form(audio(b"fits"), text("duration", "1"))
    given = fastcgi.upload(small, content_type, alice.user)
    assert fastcgi.ask(site.socket, given, small).status_code == 201


def test_slow_uploads_do_not_stop_the_service(sites):
    """nginx takes the whole body first: more slow clients than workers hold no worker."""
    client = sites.client(workers=2)
    address = urlsplit(client.url)
    token = base64.b64encode(b"demo:" + PASSWORD.encode())
    head = (
        b"POST /api/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n"
        b"Authorization: Basic " + token + b"\r\n\r\n"
    )
    slow = [socket.create_connection((address.hostname, address.port)) for _ in range(8)]
    try:
        for peer in slow:
            peer.sendall(head + bytes(500_000))
        assert client.get(timeout=5).status_code == 200
    finally:
        for peer in slow:
            peer.close()


def test_fewer_descriptors_than_clients_are_survived(sites):
    site = sites.responder(prefix=["prlimit", "--nofile=40"], workers=4)
    peers = []
    for _ in range(100):
        try:
            peers.append(Peer(site.socket))
        except OSError:
            break
    for peer in peers:
        peer.socket.close()
    assert fastcgi.ask(site.socket).status_code == 200
