"""The store refuses or cannot be reached: 503 within 15 s, nothing half done, and no restart."""

import contextlib
import os
import shutil
import subprocess
import time
from itertools import pairwise
from pathlib import Path

import pytest
from certificates import make_certificate
from client import assert_error
from commands import said
from forms import audio, text
from gates import Gate
from proxy import Proxy
from relay import StorageRelay
from tenant import get, post, upload
from tls_server import TLSServer
from waiting import wait_until

DEADLINE_SECONDS = 15


@pytest.fixture
def s3_port(stack):
    return int(stack.env["R2_ENDPOINT"].rsplit(":", 1)[1])


@pytest.fixture
def proxy(s3_port):
    """Between a site and the store; the certificate's name, localhost, stays right."""
    with Proxy("127.0.0.1", s3_port) as proxy:
        yield proxy


@pytest.fixture
def site(sites, proxy, new_client):
    """A client whose responder reaches the store through the proxy."""
    return sites.client(new_client().user, R2_ENDPOINT=f"https://localhost:{proxy.port}")


def assert_unavailable(client, db, reason=None):
    """An upload is refused in time and marked failed; what is wrong is in the log alone."""
    started = time.monotonic()
    response = client.post(audio(b"y" * 200_000), text("duration", "1"))
    assert_error(response, 503, "STORAGE_UNAVAILABLE")
    assert time.monotonic() - started < DEADLINE_SECONDS
    assert int(response.headers["Retry-After"]) > 0
    assert_failed(client, db)
    log = client.responder.log_text()
    if reason:
        assert reason in log.lower(), log
    for secret in ("R2_SECRET_ACCESS_KEY", "DATABASE_URL"):
        value = client.responder.settings[secret]
        assert value not in log and value not in response.text
    bucket = client.responder.settings["R2_BUCKET_NAME"]
    assert bucket not in response.text


def assert_failed(client, db):
    """No session of the user looks like an upload that arrived."""
    query = (
        'SELECT s.status::text, s."errorMessage", s."audioUrl" FROM speaking_sessions s'
        ' JOIN users u ON u.id = s."userId" WHERE u."externalId" = %s'
    )
    rows = db.execute(query, [client.user]).fetchall()
    assert rows and all(status == "FAILED" and message for status, message, _ in rows), rows


def test_wrong_secret(sites, new_client, db):
    client = sites.client(new_client().user, R2_SECRET_ACCESS_KEY="not-the-right-one")
    assert_unavailable(client, db, "signaturedoesnotmatch")


def test_wrong_bucket(sites, new_client, db):
    client = sites.client(new_client().user, R2_BUCKET_NAME="no-such-bucket")
    assert_unavailable(client, db, "nosuchbucket")


def test_unknown_host(sites, new_client, db):
    client = sites.client(new_client().user, R2_ENDPOINT="https://store.invalid")
    assert_unavailable(client, db, "name")


def test_nobody_listens(site, proxy, db):
    proxy.set_mode("refuse")
    assert_unavailable(site, db, "refused")


def test_connection_is_cut_at_once(site, proxy, db):
    proxy.set_mode("cut")
    assert_unavailable(site, db)


def test_connection_is_cut_in_the_middle_of_the_upload(site, proxy, db):
    proxy.cut_after = 50_000
    assert_unavailable(site, db)


def test_nothing_moves_any_more(site, proxy, db):
    proxy.set_mode("hang")
    assert_unavailable(site, db)


@pytest.mark.parametrize("mode", ["refuse", "cut", "hang"])
def test_next_upload_after_the_repair_works_without_a_restart(site, proxy, db, mode):
    site.upload()
    proxy.set_mode(mode)
    response = site.post(audio(), text("duration", "1"))
    assert_error(response, 503, "STORAGE_UNAVAILABLE")
    proxy.set_mode("forward")
    session = site.upload()
    assert db.session(session)["status"] == "UPLOADED"


def test_kept_connection_that_was_closed_meanwhile_does_no_harm(site, proxy):
    site.upload()
    proxy.set_mode("refuse")
    proxy.set_mode("forward")
    site.upload()


def test_recording_cannot_be_fetched(site, proxy):
    session = site.upload()
    proxy.set_mode("refuse")
    for method in ("GET", "HEAD"):
        response = site.request(method, f"/api/sessions/{session}/audio")
        assert response.status_code == 503
    assert_error(site.get(f"/api/sessions/{session}/audio"), 503, "STORAGE_UNAVAILABLE")


def test_list_and_detail_need_no_store(site, proxy):
    session = site.upload()
    proxy.set_mode("refuse")
    assert site.get().json()["total"] == 1
    assert site.get(f"/api/sessions/{session}").status_code == 200


# Whom the program believes to be the store


@pytest.fixture
def ca(tmp_path):
    return make_certificate(tmp_path / "ca")


@pytest.fixture
def against(sites, new_client, db, tmp_path):
    """An upload against a TLS server with that certificate; the request must never reach it."""

    def check(certificate, trusted, reason):
        with TLSServer(certificate) as server:
            client = sites.client(
                new_client().user,
                R2_ENDPOINT=f"https://localhost:{server.port}",
                R2_CA_FILE=trusted,
            )
            assert_unavailable(client, db, reason)
            assert server.received == b""

    return check


def test_expired_certificate(against, ca, tmp_path):
    certificate = make_certificate(tmp_path / "expired", ca, days=-1)
    against(certificate, ca.chain, "expired")


def test_directories_of_authorities_are_searched_one_after_the_other(run, stack, tmp_path):
    """As OpenSSL takes SSL_CERT_DIR: with nothing else, the last one has to prove the store."""
    directory = tmp_path / "certificates"
    directory.mkdir()
    shutil.copy(stack.settings["R2_CA_FILE"], directory / "ca.pem")
    subprocess.run(["openssl", "rehash", directory], check=True)
    finished = run(
        "check", R2_CA_FILE=None, SSL_CERT_FILE="/nonexistent",
        SSL_CERT_DIR=f"/nonexistent:{tmp_path}:{directory}",
    )  # fmt: skip
    assert finished.returncode == 0, said(finished)


def test_certificate_of_another_name(against, ca, tmp_path):
    certificate = make_certificate(tmp_path / "other", ca, name="store.example")
    against(certificate, ca.chain, "certificate")


def test_certificate_of_an_authority_nobody_trusts(against, stack, ca, tmp_path):
    certificate = make_certificate(tmp_path / "untrusted", ca)
    against(certificate, stack.env["R2_CA_FILE"], "certificate")


# What the store answers


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 503 Slow Down\r\nContent-Length: 3\r\nConnection: close\r\n\r\nxml",
        b"HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 400 Bad Request\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 500_000,
        b"not HTTP at all\r\n\r\n",
        b"",
    ],
    ids=["500", "503", "403 in chunks", "cut short", "endless error", "no HTTP", "closed"],
)
def test_store_that_answers_strangely(sites, new_client, db, ca, tmp_path, answer):
    with TLSServer(make_certificate(tmp_path / "server", ca), answer) as server:
        client = sites.client(
            new_client().user, R2_ENDPOINT=f"https://localhost:{server.port}", R2_CA_FILE=ca.chain
        )
        assert_unavailable(client, db)


# When it is asked again


@pytest.fixture
def refusing(tenant, stack):
    """A store that refuses the first writes so, an upload to it, and when each write was asked."""

    def upload_to(status, code, times, headers=""):
        body = f"<Error><Code>{code}</Code></Error>"
        head = f'HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nETag: "e"\r\n{headers}\r\n'
        asked = []

        def refuse(method, real):
            if method != "PUT" or real is not None:
                return None
            asked.append(time.monotonic())
            return (head + body).encode() if len(asked) <= times else None

        with StorageRelay(stack, Gate()) as storage:
            storage.spoil = refuse
            answer = post(tenant.responder(workers=1, R2_ENDPOINT=storage.endpoint))
        return answer, [later - first for first, later in pairwise(asked)]

    return upload_to


@pytest.mark.parametrize("status, code", [(429, ""), (503, "SlowDown"), (400, "TooManyRequests")])
def test_store_that_is_limiting_is_given_its_second(refusing, status, code):
    """R2 takes one write a second for each key."""
    answer, waits = refusing(status, code, times=2)
    assert answer.status_code == 201, answer.text
    assert len(waits) == 2 and all(wait >= 1.1 for wait in waits), waits


def test_store_that_says_when_is_not_asked_before(refusing):
    answer, waits = refusing(503, "ServiceUnavailable", 1, "Retry-After: 3\r\n")
    assert answer.status_code == 201, answer.text
    assert len(waits) == 1 and waits[0] >= 3, waits


@pytest.mark.parametrize(
    "status, code",
    [(403, "IncompleteBody"), (400, "RequestTimeout"), (409, "PriorRequestNotComplete"),
     (400, "ServiceUnavailable"), (200, "InternalError"), (502, "")],
)  # fmt: skip
def test_refusal_that_passes_is_tried_again(refusing, status, code):
    answer, waits = refusing(status, code, times=1)
    assert answer.status_code == 201, answer.text
    assert len(waits) == 1


@pytest.mark.parametrize(
    "status, code",
    [(400, "EntityTooLarge"), (400, "BadDigest"), (401, "Unauthorized"), (409, "X"),
     (501, "NotImplemented"), (200, "AccessDenied"), (307, "TemporaryRedirect")],
)  # fmt: skip
def test_refusal_for_good_is_told_at_once(refusing, status, code):
    answer, waits = refusing(status, code, times=9)
    assert_error(answer, 503, "STORAGE_UNAVAILABLE")
    assert waits == []


def test_store_that_is_silent_holds_no_worker_for_long(tenant, stack):
    gate = Gate()
    with StorageRelay(stack, gate) as storage:
        site = tenant.responder(workers=1, R2_ENDPOINT=storage.endpoint)
        session = upload(site)
        gate.arm("GET /", "asked")
        started = time.monotonic()
        answer = get(site, f"/{session}/audio")
        assert_error(answer, 503, "STORAGE_UNAVAILABLE")
        assert time.monotonic() - started < DEADLINE_SECONDS
        gate.cut()


def test_idle_connections_are_closed_on_a_quiet_server(tenant, s3_port):
    site = tenant.responder(workers=1)
    upload(site)
    assert connections(site.process.pid, s3_port) == 1
    wait_until(lambda: connections(site.process.pid, s3_port) == 0, "5 s and a look", 30)


def connections(pid, port):
    """How many sockets that process has to that port, those that the other side closed too."""
    own = set()
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            own.add(os.readlink(file))
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    rows += [row.split() for row in Path("/proc/net/tcp6").read_text().splitlines()[1:]]
    return sum(row[2].endswith(f":{port:04X}") and f"socket:[{row[9]}]" in own for row in rows)


def test_check_tells_of_credentials_that_may_only_read(tenant, stack):
    def only_reading(method, real):
        if method == "PUT" and real is None:
            return b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
        return None

    with StorageRelay(stack, Gate()) as storage:
        assert "storage: fine" in tenant.command("check", R2_ENDPOINT=storage.endpoint)
        storage.spoil = only_reading
        checked = tenant.run("check", R2_ENDPOINT=storage.endpoint)
    assert checked.returncode != 0 and "storage: NOT fine" in said(checked)
    assert tenant.bucket.keys() == []
