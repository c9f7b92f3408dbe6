"""What --admin-listen serves: health for a load balancer, metrics for Prometheus."""

import contextlib
import json
import os
import secrets
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import administration
import fastcgi
import psycopg
import pytest
from administration import begin_upload, eventually
from commands import said
from fastcgi import Peer
from forms import audio, form, text
from gates import Gate
from proxy import Proxy
from relay import StorageRelay
from waiting import at_once

# Health


@pytest.fixture
def broken(sites, stack):
    """A responder that reaches database and storage through proxies: (site, proxy by name)."""
    database, storage = urlsplit(stack.database_url), urlsplit(stack.settings["R2_ENDPOINT"])
    with (
        Proxy(database.hostname, database.port) as to_database,
        Proxy(storage.hostname, storage.port) as to_storage,
    ):
        login = f"{database.username}:{database.password}"
        site = sites.responder(
            DATABASE_URL=f"postgresql://{login}@{to_database.address}{database.path}",
            R2_ENDPOINT=f"https://{storage.hostname}:{to_storage.port}",
        )
        yield site, {"database": to_database, "storage": to_storage}


@pytest.mark.smoke
def test_healthy(sites):
    site = sites.responder()
    status, headers, body = administration.ask(site.admin, "/healthz")
    assert status == 200
    assert headers["Content-Type"] == "application/json"
    assert json.loads(body) == {"status": "ok", "checks": {"database": "ok", "storage": "ok"}}


@pytest.mark.parametrize("part", ["database", "storage"])
@pytest.mark.parametrize("mode", ["refuse", "cut", "hang"])
def test_health_when_a_part_is_down(broken, part, mode):
    site, proxies = broken
    # What was found out before is used for a second, of storage for ten: once is enough.
    if part == "database" or mode == "refuse":
        assert administration.ask(site.admin, "/healthz")[0] == 200
    proxies[part].set_mode(mode)
    assert eventually(lambda: administration.ask(site.admin, "/healthz")[0] == 503, seconds=20)
    started = time.monotonic()
    _, _, body = administration.ask(site.admin, "/healthz")
    assert time.monotonic() - started < 5
    checks = {"database": "ok", "storage": "ok", part: "failing"}
    assert json.loads(body) == {"status": "failing", "checks": checks}
    assert f"check={part}" in site.log_text()
    # Metrics are there all the same.
    administration.metrics(site.admin)
    if part == "database" or mode == "refuse":
        proxies[part].set_mode("forward")
        assert eventually(lambda: administration.ask(site.admin, "/healthz")[0] == 200, seconds=20)


def test_storage_is_asked_every_ten_seconds_whoever_asks(tenant, stack):
    """R2 allows 50 operations on a bucket a second, to all processes together."""
    asked = []
    with StorageRelay(stack, Gate()) as storage:
        storage.spoil = lambda method, real: asked.append(method) if real is None else None
        site = tenant.responder(R2_ENDPOINT=storage.endpoint)
        end = time.monotonic() + 4
        while time.monotonic() < end:
            statuses = at_once(4, lambda _: administration.ask(site.admin, "/healthz")[0])
            assert statuses == [200] * 4
        assert asked == ["HEAD"]


def test_busy_is_not_broken(tenant):
    """All of the pool's connections are in use: requests wait, and nothing is wrong."""
    url = f"{tenant.database_url}?connection_limit=1"
    site = tenant.responder(workers=2, DATABASE_URL=url)
    with tenant.list_under_way(site):
        metrics = administration.metrics(site.admin)
        assert metrics("sessions_fcgi_database_connections", state="unused") == 0
        assert metrics("sessions_fcgi_outbox_readable") == 1
        status, _, body = administration.ask(site.admin, "/healthz")
        assert status == 200, body


@pytest.mark.parametrize(("count", "seconds"), [(2, 3), (12, 3), (100, 10)])
def test_silent_peers_keep_nobody_waiting(sites, count, seconds):
    site = sites.responder()
    with contextlib.ExitStack() as peers:
        for number in range(count):
            peer = peers.enter_context(Peer(site.admin))
            # Some say nothing, some take nothing and do not leave.
            if number % 2:
                peer.send(b"GET /metrics HTTP/1.1\r\n\r\n")
        started = time.monotonic()
        assert administration.ask(site.admin, "/healthz")[0] == 200
        assert time.monotonic() - started < seconds
        started = time.monotonic()
        assert site.terminate() == 0
        assert time.monotonic() - started < 4


def test_only_healthz_passes_through_nginx(sites, stack):
    site = sites.responder()
    upstream = f'upstream sessions_fcgi_admin {{ server "unix:{site.admin}"; }}'
    with_it = sites.nginx(site.socket, http=upstream, server="include sessions-fcgi/healthz.conf;")
    address = ("127.0.0.1", with_it.port)
    status, _, body = administration.ask(address, "/healthz")
    assert (status, json.loads(body)["status"]) == (200, "ok")
    assert administration.ask(address, "/healthz", "HEAD")[0] == 200
    assert administration.ask(address, "/healthz", "POST")[0] == 405
    assert administration.ask(address, "/metrics")[0] == 404
    assert administration.ask(address, "/healthz/metrics")[0] == 404
    # Off in what ships.
    assert administration.ask(("127.0.0.1", stack.port), "/healthz")[0] == 404


# The administration's socket


def test_stack_says_where_it_is(stack):
    url = urlsplit(stack.env["ADMIN_URL"])
    assert url.hostname == "127.0.0.1"
    assert administration.ask((url.hostname, url.port), "/healthz")[0] == 200


@pytest.mark.parametrize(
    "method, path, status",
    [("GET", "/", 404), ("GET", "/healthz/", 404), ("GET", "/api/sessions", 404),
     ("POST", "/metrics", 405), ("DELETE", "/healthz", 405), ("HEAD", "/metrics", 200)],
)  # fmt: skip
def test_nothing_else_is_there(sites, method, path, status):
    site = sites.responder()
    found, _, body = administration.ask(site.admin, path, method)
    assert found == status
    assert (body == "") == (method == "HEAD")


def test_head_that_never_ends(sites):
    """Refused at 8 KiB, or after 5 s; others are answered meanwhile."""
    site = sites.responder()
    with Peer(site.admin) as long, Peer(site.admin) as slow:
        slow.send(b"GET /healthz HTTP/1.1\r\n")
        long.send(b"GET /healthz HTTP/1.1\r\nX: " + b"x" * 20_000)
        assert long.receive_all().startswith(b"HTTP/1.1 431 ")
        assert administration.ask(site.admin, "/healthz")[0] == 200
        assert slow.receive_all().startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:9000", ":9000", "nonsense"])
def test_only_on_loopback(stack, tmp_path, address):
    command = [stack.program, "serve", "--listen", tmp_path / "s", "--admin-listen", address]
    environment = {**os.environ, **stack.settings}
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=20)
    assert finished.returncode != 0
    assert "loopback" in finished.stderr


# Metrics


@pytest.mark.smoke
def test_metrics_count_what_happened(sites, alice, db, run):
    site = sites.responder(workers=3)
    before = administration.metrics(site.admin)
    assert before("sessions_fcgi_requests_total", route="list", status="200") == 0
    body, content_type = form(audio(b"x" * 100_000), text("duration", "1"))
    given = fastcgi.upload(body, content_type, alice.user)
    assert fastcgi.ask(site.socket, given, body).status_code == 201
    for _ in range(3):
        assert fastcgi.ask(site.socket).status_code == 200
    unknown = fastcgi.parameters(uri="/api/sessions/nothing", user=alice.user)
    assert fastcgi.ask(site.socket, unknown).status_code == 404

    # A request is counted once its last byte has gone, which its client may see before.
    def counted():
        metrics = administration.metrics(site.admin)
        found = metrics("sessions_fcgi_requests_total", route="show", status="404") == 1
        return found and metrics("sessions_fcgi_requests_in_flight") == 0 and metrics

    after = eventually(counted)
    assert after("sessions_fcgi_requests_total", route="create", status="201") == 1
    assert after("sessions_fcgi_requests_total", route="list", status="200") == 3
    assert after("sessions_fcgi_request_duration_seconds_count", route="list") == 3
    assert after("sessions_fcgi_phase_duration_seconds_count", phase="parsing") == 1
    assert after("sessions_fcgi_phase_duration_seconds_count", phase="storage") == 1
    assert after("sessions_fcgi_phase_duration_seconds_count", phase="database") == 5
    assert after("sessions_fcgi_storage_attempts_total") == 1
    assert after("sessions_fcgi_storage_retries_total") == 0
    assert after("sessions_fcgi_storage_connections_total", kind="opened") == 1
    assert after("sessions_fcgi_received_bytes_total") == len(body)
    assert after("sessions_fcgi_sent_bytes_total") > 0
    assert after("sessions_fcgi_uploads_in_flight") == 0
    assert after("sessions_fcgi_workers") == 3
    version = said(run("--version")).strip()
    assert after("sessions_fcgi_build_info", version=version) == 1
    size = sum(
        after("sessions_fcgi_database_connections", state=state)
        for state in ("in_use", "idle", "unused")
    )
    assert size == 8
    descriptors = len(list(Path(f"/proc/{site.process.pid}/fd").iterdir()))
    assert abs(after("process_open_fds") - descriptors) <= 2
    assert after("process_resident_memory_bytes") > 1_000_000
    assert abs(time.time() - after("process_start_time_seconds")) < 120


def test_upload_in_flight_is_seen(sites):
    site = sites.responder(workers=2)
    body, content_type = form(audio(b"x" * 1_000_000), text("duration", "1"))

    def uploads():
        return administration.metrics(site.admin)("sessions_fcgi_uploads_in_flight")

    with Peer(site.socket) as peer:
        begin_upload(peer, "seen", body, content_type, 50_000)
        assert eventually(lambda: uploads() == 1)
    assert eventually(lambda: uploads() == 0)


def test_outbox_is_read_when_asked(sites, stack):
    """Depth and age by kind, from the table that all processes share, in a database of its own."""
    name = f"outbox_{secrets.token_hex(6)}"
    own = urlsplit(stack.database_url)._replace(path=f"/{name}").geturl()
    admin = urlsplit(stack.database_url)._replace(path="/postgres")
    admin = admin._replace(netloc=admin.netloc.replace("sessions:", "postgres:", 1)).geturl()
    with psycopg.connect(admin, autocommit=True) as db:
        db.execute(f"CREATE DATABASE {name} OWNER sessions")
    site = sites.responder(ready=False, DATABASE_URL=own)
    site.stop()
    site.migrate()
    site.start()
    assert site.wait_until_ready(20), site.log_text()
    with psycopg.connect(own, autocommit=True) as db:
        db.execute("DROP TABLE IF EXISTS sessions_fcgi.jobs CASCADE")
        metrics = administration.metrics(site.admin)
        assert metrics("sessions_fcgi_outbox_readable") == 0
        db.execute(
            'CREATE TABLE sessions_fcgi.jobs (kind text, "dueAt" timestamp(3),'
            ' "createdAt" timestamp(3), attempts int)'
        )
        now = "now() AT TIME ZONE 'UTC'"
        for kind, age, attempts in [("delete", 100, 0), ("delete", 50, 3), ("upload", 5, 0)]:
            db.execute(
                f"INSERT INTO sessions_fcgi.jobs VALUES (%s, {now},"
                f" {now} - make_interval(secs => %s), %s)",
                (kind, age, attempts),
            )
    metrics = administration.metrics(site.admin)
    assert metrics("sessions_fcgi_outbox_readable") == 1
    assert metrics("sessions_fcgi_outbox_jobs", kind="delete") == 2
    assert metrics("sessions_fcgi_outbox_jobs", kind="upload") == 1
    assert metrics("sessions_fcgi_outbox_jobs", kind="publish") == 0
    assert metrics("sessions_fcgi_outbox_retried_jobs", kind="delete") == 1
    assert 100 <= metrics("sessions_fcgi_outbox_oldest_seconds", kind="delete") < 130
