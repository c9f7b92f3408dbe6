"""Handing over to processing: QStash is told of every upload, sooner or later."""

import json
import time

import pytest
from certificates import Certificate
from client import assert_error
from commands import said
from proxy import Proxy
from tenant import delete, post, upload
from tls_server import TLSServer
from waiting import wait_until

TOKEN = "qstash-test-token-1c9f4b27"
APP_URL = "https://app.example/base"
TAKEN = b'HTTP/1.1 201 Created\r\nContent-Length: 19\r\n\r\n{"messageId":"m-1"}'
BROKEN = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
def queue(stack):
    """Stands for QStash, with a certificate that the program trusts."""
    directory = stack.path / "certificates"
    certificate = Certificate(directory / "server.key", directory / "server.pem", None, None)
    with TLSServer(certificate, TAKEN) as server:
        yield server


@pytest.fixture
def way(queue):
    """The way to the queue."""
    with Proxy("127.0.0.1", queue.port) as proxy:
        yield proxy


@pytest.fixture
def settings(way):
    url = f"https://localhost:{way.port}"
    return {"QSTASH_TOKEN": TOKEN, "APP_URL": APP_URL, "QSTASH_URL": url}


@pytest.fixture
def site(tenant, settings):
    return tenant.responder(workers=4, **settings)


def wait_until_delivered(tenant, site):
    wait_until(lambda: not tenant.jobs(), f"the delivery; {site.log_text()}", 30)


def failed_job(tenant, site):
    """The only job, once a try has failed."""
    wait_until(lambda: tenant.jobs("publish")[0]["attempts"] >= 1, site.log_text(), 30)
    (job,) = tenant.jobs()
    return job


def make_due(tenant):
    tenant.execute('UPDATE sessions_fcgi.jobs SET "dueAt" = "dueAt" - interval \'2 hours\'')


def messages(queue):
    """What was published: head and decoded body of each."""
    found = []
    for request in queue.received.split(b"POST ")[1:]:
        head, _, body = request.partition(b"\r\n\r\n")
        found.append((head.decode(), json.loads(body)))
    return found


def test_one_message_for_an_upload(tenant, site, queue):
    session = upload(site)
    wait_until_delivered(tenant, site)
    ((head, body),) = messages(queue)
    line, *fields = head.split("\r\n")
    fields = {name.lower(): value for name, value in (field.split(": ", 1) for field in fields)}
    assert line == f"/v2/publish/{APP_URL}/api/internal/process HTTP/1.1"
    assert fields["authorization"] == f"Bearer {TOKEN}"
    assert fields["upstash-retries"] == "3"
    assert fields["content-type"] == "application/json"
    assert body == {"sessionId": session}


def test_one_message_for_an_upload_that_is_repeated(tenant, site, queue):
    session = upload(site, key="again")
    assert upload(site, key="again") == session
    wait_until_delivered(tenant, site)
    assert [body for _, body in messages(queue)] == [{"sessionId": session}]


def test_no_message_for_an_upload_that_failed(tenant, settings, queue):
    site = tenant.responder(R2_SECRET_ACCESS_KEY="not-the-right-one", **settings)
    assert_error(post(site), 503, "STORAGE_UNAVAILABLE")
    site.stop()
    assert tenant.jobs("publish") == [] and queue.received == b""


def test_answer_does_not_wait_for_the_queue(tenant, site, queue, way):
    way.set_mode("hang")
    session = upload(site, timeout=10)
    (job,) = tenant.jobs()
    assert (job["kind"], job["sessionId"], job["attempts"]) == ("publish", session, 0)
    assert tenant.session(session)["status"] == "UPLOADED"
    way.set_mode("refuse")
    failed_job(tenant, site)
    way.set_mode("forward")
    make_due(tenant)
    wait_until_delivered(tenant, site)
    assert [body for _, body in messages(queue)] == [{"sessionId": session}]


def test_queue_that_fails_gets_the_message_once_it_is_well(tenant, site, queue):
    queue.answer = BROKEN
    session = upload(site)
    assert "500" in failed_job(tenant, site)["lastError"]
    queue.answer = TAKEN
    make_due(tenant)
    wait_until_delivered(tenant, site)
    assert messages(queue)[-1][1] == {"sessionId": session}


def test_queue_that_is_away_gets_the_message_once_it_is_back(tenant, site, queue, way):
    way.set_mode("refuse")
    session = upload(site)
    assert "refused" in failed_job(tenant, site)["lastError"]
    way.set_mode("forward")
    make_due(tenant)
    wait_until_delivered(tenant, site)
    assert [body for _, body in messages(queue)] == [{"sessionId": session}]


def test_message_outlives_the_program(tenant, site, settings, queue, way):
    way.set_mode("hang")
    session = upload(site)
    site.process.kill()
    site.wait()
    way.set_mode("forward")
    assert messages(queue) == [] and len(tenant.jobs("publish")) == 1
    wait_until_delivered(tenant, tenant.responder(**settings))
    assert [body for _, body in messages(queue)] == [{"sessionId": session}]


def test_sweep_delivers_what_is_not_yet_due(tenant, site, settings, queue, way):
    way.set_mode("refuse")
    session = upload(site)
    failed_job(tenant, site)
    site.stop()
    way.set_mode("forward")
    assert "of 1 jobs 1 are done" in tenant.command("sweep", **settings)
    assert [body for _, body in messages(queue)] == [{"sessionId": session}]


def test_sweep_without_the_token_keeps_the_job(tenant, site, way):
    way.set_mode("refuse")
    upload(site)
    site.stop()
    assert tenant.run("sweep").returncode != 0
    (job,) = tenant.jobs("publish")
    assert "QSTASH_TOKEN" in job["lastError"]


@pytest.mark.parametrize("missing", ["QSTASH_TOKEN", "APP_URL"])
def test_no_job_where_a_setting_is_missing(tenant, settings, queue, missing):
    upload(tenant.responder(**{**settings, missing: None}))
    assert tenant.jobs() == [] and queue.received == b""


def test_token_is_never_shown(tenant, settings, queue):
    site = tenant.responder(LOG_LEVEL="trace", **settings)
    queue.answer = BROKEN
    answer = post(site)
    failed_job(tenant, site)
    told = said(tenant.run("sweep", LOG_LEVEL="trace", **settings))
    told += said(tenant.run("check", **settings))
    assert TOKEN.encode() in queue.received, "the token was there to be shown"
    for text in (site.log_text(), told, answer.text, str(answer.headers), str(tenant.jobs())):
        assert TOKEN not in text


def test_queue_that_is_silent_does_not_hold_up_a_deletion(tenant, site, way):
    way.set_mode("hang")
    session = upload(site)
    wait_until(lambda: tenant.free_job_count() == 0, "the sweeper is busy")
    started = time.monotonic()
    assert delete(site, session).status_code == 200
    assert time.monotonic() - started < 4
    assert tenant.bucket.keys() == []
