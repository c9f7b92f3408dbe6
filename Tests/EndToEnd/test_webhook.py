"""The app hears of every upload by a signed request, sooner or later."""

import base64
import os
import secrets
import shutil
import subprocess
import time

import fastcgi
import faults
import pytest
from certificates import Certificate
from client import TIMESTAMP
from commands import said
from faults import Wire
from proxy import Proxy
from receivers import Heard, Receiver
from tenant import delete, post, post_request, upload
from tls_server import TLSServer
from waiting import wait_until

from stack.directory import ROOT
from stack.part import plain_environment
from stack.ports import free_port

SECRET = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
OTHER = base64.b64encode(secrets.token_bytes(24)).decode()
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
# In scripts/soak every power of two; otherwise where a request and an answer begin and are under
# way.
COUNTS = [0, *(1 << n for n in range(9))] if "SOAK_SECONDS" in os.environ else [0, 30]


@pytest.fixture
def app():
    with Receiver() as app:
        yield app


@pytest.fixture
def way(app):
    with Proxy("127.0.0.1", app.port) as proxy:
        yield proxy


@pytest.fixture
def settings(way):
    return {"PROCESS_URL": f"http://127.0.0.1:{way.port}/hook/?by=s", "PROCESS_SECRET": SECRET}


@pytest.fixture
def site(tenant, settings):
    return tenant.responder(workers=4, **settings)


def webhooks(tenant):
    return [row for (row,) in tenant.execute("SELECT to_jsonb(w) FROM sessions_fcgi.webhooks w")]


def wait_until_told(tenant, site):
    wait_until(lambda: not webhooks(tenant), f"the webhook; {site.log_text()}", 30)


def failed(tenant, site):
    """The only webhook, once a try has failed."""
    wait_until(lambda: webhooks(tenant)[0]["attempts"] >= 1, site.log_text(), 30)
    (row,) = webhooks(tenant)
    return row


def make_due(tenant):
    tenant.execute('UPDATE sessions_fcgi.webhooks SET "dueAt" = "dueAt" - interval \'2 hours\'')


def test_one_signed_message_for_an_upload(tenant, site, app):
    given, body = post_request(b"not really sound", key="k")
    answer = fastcgi.ask(site.socket, [*given, ("HTTP_TRACEPARENT", TRACE)], body)
    session = answer.json()["id"]
    assert upload(site, key="k") == session
    wait_until_told(tenant, site)
    (heard,) = app.heard
    message = heard.verified(SECRET)
    assert TIMESTAMP.fullmatch(message.pop("timestamp"))
    assert message == {"type": "session.uploaded", "data": {"sessionId": session}}
    assert heard.path == "/hook/?by=s"
    assert heard.headers["content-type"] == "application/json"
    assert heard.headers["webhook-id"] == f"uploaded_{session}"
    assert heard.headers["traceparent"] == TRACE
    assert abs(int(heard.headers["webhook-timestamp"]) - time.time()) < 60


def test_app_with_tls_and_two_secrets_during_a_change(tenant, stack):
    directory = stack.path / "certificates"
    certificate = Certificate(directory / "server.key", directory / "server.pem", None, None)
    with TLSServer(certificate, b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n") as app:
        url = f"https://localhost:{app.port}"
        site = tenant.responder(PROCESS_URL=url, PROCESS_SECRET=f"{OTHER} {SECRET}")
        upload(site)
        wait_until_told(tenant, site)
    head, _, body = app.received.partition(b"\r\n\r\n")
    line, *fields = head.decode().split("\r\n")
    assert line == "POST / HTTP/1.1"
    heard = Heard("/", dict(field.split(": ", 1) for field in fields), body)
    assert "traceparent" not in heard.headers
    for secret in (SECRET, OTHER):
        assert heard.verified(secret)["type"] == "session.uploaded"


def test_app_that_fails_is_told_again_with_the_same_id(tenant, site, app):
    app.status = 500
    upload(site)
    assert "refused: 500" in failed(tenant, site)["lastError"]
    app.status = 204
    make_due(tenant)
    wait_until_told(tenant, site)
    first, *_, last = app.heard
    assert last.body == first.body and last.headers["webhook-id"] == first.headers["webhook-id"]
    assert last.verified(SECRET)


def test_session_that_is_gone_is_not_told_of(tenant, site, app):
    app.status = 500
    session = upload(site)
    failed(tenant, site)
    assert delete(site, session).status_code == 200
    app.heard.clear()
    make_due(tenant)
    wait_until_told(tenant, site)
    assert app.heard == []


def test_app_that_takes_its_time_keeps_no_recording(tenant, site, app):
    kept, gone = upload(site), upload(site)
    wait_until_told(tenant, site)
    app.seconds = 0.5
    tenant.execute(
        'INSERT INTO sessions_fcgi.webhooks ("sessionId") SELECT %s FROM generate_series(1, 30)',
        kept,
    )
    wait_until(lambda: len(app.heard) >= 4, "the app is told")
    tenant.execute("DELETE FROM speaking_sessions WHERE id = %s", gone)
    wait_until(lambda: tenant.jobs() == [], "the recording's end")
    assert len(webhooks(tenant)) > 1


def test_app_that_takes_its_time_is_told_once_where_idle_transactions_are_ended(
    tenant, settings, app
):
    tenant.execute(f"ALTER DATABASE {tenant.name} SET idle_in_transaction_session_timeout = 300")
    app.seconds = 1
    site = tenant.responder(workers=1, **settings)
    upload(site)
    wait_until_told(tenant, site)
    assert len(app.heard) == 1


def test_redirect_is_not_followed(tenant, site, app):
    with Receiver() as elsewhere:
        app.status = 308
        app.headers = {"Location": f"http://127.0.0.1:{elsewhere.port}/"}
        upload(site)
        assert "308, and no redirect is followed" in failed(tenant, site)["lastError"]
        assert elsewhere.heard == []


def test_message_outlives_the_program_and_the_app(tenant, site, settings, app, way):
    way.set_mode("hang")
    session = upload(site, timeout=10)
    site.process.kill()
    site.wait()
    way.set_mode("refuse")
    site = tenant.responder(**settings)
    assert "refused" in failed(tenant, site)["lastError"]
    site.stop()
    assert tenant.run("sweep").returncode != 0
    assert "PROCESS_URL" in webhooks(tenant)[0]["lastError"]
    way.set_mode("forward")
    assert "of 1 jobs 1 are done" in tenant.command("sweep", **settings)
    (heard,) = app.heard
    assert heard.verified(SECRET)["data"] == {"sessionId": session}


FAULTS = {
    **{f"reset in the answer {n}": faults.reset_after(n) for n in COUNTS},
    **{f"reset in the request {n}": faults.reset_after(n, "request") for n in COUNTS},
    **{f"end {n}": faults.end_after(n) for n in COUNTS},
    **{f"garble {n}": faults.garble_at(n) for n in [0, 9]},
}


def test_fault_on_the_way_loses_no_message(tenant, app):
    app.headers = {"Connection": "close"}  # so that each fault begins with its connection
    with Wire("127.0.0.1", app.port) as wire:
        url = f"http://localhost:{wire.port}/"
        site = tenant.responder(workers=4, PROCESS_URL=url, PROCESS_SECRET=SECRET)
        for name, fault in FAULTS.items():
            wire.fault = fault
            session = upload(site)
            failed(tenant, site)
            wire.fault = None
            make_due(tenant)
            wait_until_told(tenant, site)
            assert app.heard[-1].verified(SECRET)["data"] == {"sessionId": session}, name


@pytest.mark.soak
def test_app_that_takes_too_long_is_told_again(tenant, site, way):
    way.set_mode("hang")
    upload(site)
    wait_until(lambda: webhooks(tenant)[0]["attempts"] == 1, "15 s are over", 25)
    assert "took too long" in webhooks(tenant)[0]["lastError"]


def test_app_that_hangs_holds_up_the_end_for_the_drain_time_alone(tenant, settings, app, way):
    way.set_mode("hang")
    site = tenant.responder(workers=1, options=["--drain-seconds", "1"], **settings)
    upload(site)
    claim = "SELECT id FROM sessions_fcgi.webhooks FOR UPDATE SKIP LOCKED"
    wait_until(lambda: tenant.value(claim) is None, "the app is told")
    assert site.terminate(seconds=8) == 0, site.log_text()
    assert "jobs did not end in time" in site.log_text()
    assert "requests did not end in time" not in site.log_text()
    (row,) = webhooks(tenant)
    assert row["attempts"] == 0 and tenant.value(claim) == row["id"]


def test_secret_is_never_shown(tenant, settings, app):
    site = tenant.responder(LOG_LEVEL="trace", **settings)
    app.status = 401
    answer = post(site)
    row = failed(tenant, site)
    assert "PROCESS_SECRET" in row["lastError"]
    tenant.execute('UPDATE sessions_fcgi.webhooks SET "createdAt" = "createdAt" - interval \'2 h\'')
    checked = tenant.run("check", **settings)
    assert checked.returncode != 0 and b"1 announcements fail" in checked.stdout
    told = said(checked) + said(tenant.run("sweep", LOG_LEVEL="trace", **settings))
    for text in (site.log_text(), told, answer.text, str(answer.headers), str(row)):
        assert SECRET.removeprefix("whsec_") not in text


GOOD = {"PROCESS_URL": "https://app.example/hook", "PROCESS_SECRET": SECRET}


@pytest.mark.parametrize("wrong, says", [
    ({"PROCESS_SECRET": None}, "PROCESS_SECRET is not set"),
    ({"PROCESS_URL": None}, "PROCESS_URL is not set"),
    ({"PROCESS_URL": "http://app.example/hook"}, "must begin with https://"),
    ({"PROCESS_URL": "http://localhost.evil.example/"}, "must begin with https://"),
    ({"PROCESS_URL": "http://127.0.0.1.evil.example/"}, "must begin with https://"),
    ({"PROCESS_URL": "http://u@127.0.0.1/"}, "must be https://"),
    ({"PROCESS_URL": "https://app.example/a b"}, "must be https://"),
    ({"PROCESS_URL": "https://app.example/#x"}, "must be https://"),
    ({"PROCESS_URL": "ftp://127.0.0.1/"}, "must be https://"),
    ({"PROCESS_SECRET": "short"}, "PROCESS_SECRET must be"),
    ({"PROCESS_SECRET": base64.b64encode(b"x" * 23).decode()}, "PROCESS_SECRET must be"),
    ({"PROCESS_SECRET": f"{SECRET} {OTHER} {SECRET}"}, "PROCESS_SECRET must be"),
])  # fmt: skip
def test_setting_that_is_wrong_stops_the_start(run, wrong, says):
    finished = run("check", **{**GOOD, **wrong})
    assert finished.returncode == 1
    (line,) = said(finished).splitlines()
    assert line.startswith("sessions-fcgi: configuration: ") and says in line
    assert SECRET not in line


# The receivers of docs/webhooks.md

SERVE = """
import { createServer } from "node:http";
import { POST } from "./route.mjs";
createServer(async (incoming, outgoing) => {
  const pieces = [];
  for await (const piece of incoming) pieces.push(piece);
  const options = { method: "POST", headers: incoming.headers, body: Buffer.concat(pieces) };
  const response = await POST(new Request("http://localhost/", options));
  outgoing.writeHead(response.status).end();
}).listen(Number(process.argv[2]), "127.0.0.1");
"""


def receiver_in_python(path):
    return ["python3", "-u", ROOT / "docs" / "webhooks" / "receiver.py"]


def receiver_in_typescript(path):
    """Without its types, and behind a server as Next.js would be."""
    source = ROOT / "docs" / "webhooks" / "route.ts"
    subprocess.run(
        [shutil.which("esbuild"), source, f"--outfile={path / 'route.mjs'}", "--log-level=warning"],
        check=True, timeout=60,
    )  # fmt: skip
    (path / "serve.mjs").write_text(SERVE)
    return ["node", path / "serve.mjs"]


@pytest.mark.parametrize("make", [receiver_in_python, receiver_in_typescript])
def test_receiver_of_the_document(tenant, tmp_path, make):
    port = free_port()
    environment = {**plain_environment(), "PROCESS_SECRET": SECRET}
    with (tmp_path / "said").open("wb") as output:
        app = subprocess.Popen([*make(tmp_path), str(port)], env=environment, stdout=output)
    try:
        settings = {"PROCESS_URL": f"http://127.0.0.1:{port}/"}
        site = tenant.responder(PROCESS_SECRET=OTHER, **settings)
        session = upload(site)
        wait_until(lambda: "401" in failed(tenant, site)["lastError"] or make_due(tenant), "a 401")
        assert session not in (tmp_path / "said").read_text()
        site.stop()
        tenant.command("sweep", PROCESS_SECRET=SECRET, **settings)
        wait_until(lambda: session in (tmp_path / "said").read_text(), "the app knows of it")
        assert webhooks(tenant) == []
    finally:
        app.kill()
        app.wait()
