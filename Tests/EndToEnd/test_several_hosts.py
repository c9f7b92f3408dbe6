"""docs/several-hosts.md, followed on hosts of the tests' own: nginx, two handlers, PgBouncer."""

import contextlib
import os
import secrets
import signal
import ssl
import threading
from collections import Counter

import administration
import fastcgi
import pytest
from client import assert_error
from deployment import HANDLERS, Deployment, Users
from forms import audio, text
from hosts import Hosts, Service
from lifecycle import live_through
from waiting import wait_until

from benchmark.processes import cpu_seconds
from stack.directory import ROOT

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS")
MIB = 1024 * 1024
# How many restarts in turn, and how often a handler and a tunnel are killed, under load.
ROUNDS = int(os.environ.get("SOAK_RESTARTS", "1"))
UPSTREAM = "/etc/nginx/sessions-fcgi/tunnel-upstream.conf"
IN_FLIGHT = "sessions_fcgi_uploads_in_flight"
CUT = (ssl.SSLError, ConnectionError, AssertionError)


def with_tunnels(*tunnels):
    return pytest.mark.parametrize("deployment", tunnels, indirect=True, scope="module")


BOTH = with_tunnels("nginx", "stunnel")
# The other one in scripts/soak alone.
MAINLY_NGINX = with_tunnels("nginx", pytest.param("stunnel", marks=pytest.mark.soak))


@pytest.fixture(scope="module")
def deployment(request, stack):
    if os.geteuid() != 0:
        pytest.skip("networks of their own take root")
    place = stack.path / f"machines-{request.param}"
    place.mkdir()
    hosts = Hosts(place)
    deployment = Deployment(hosts, stack, request.param)
    try:
        deployment.set_up()
        yield deployment
    finally:
        deployment.stop()
        hosts.stop()


@BOTH
def test_a_session_lives(deployment):
    user = deployment.new_client()
    for size in (1024, 50 * MIB):
        live_through(user, size)


@BOTH
def test_only_the_web_host_may_ask(deployment):
    """With no certificate, with a handler's, and with one that another authority made."""
    made = deployment.run.path / "tunnel"
    other = deployment.run.path / "other"
    script = ROOT / "scripts" / "hosting" / "tunnel" / "certificates"
    deployment.hosts["web"].follow(f"{script} {other} web", "/")
    assert status_with(deployment, made / "web") == 200
    for wrong in (None, made / "handler-b", other / "web"):
        assert status_with(deployment, wrong) is None


def status_with(deployment, certificate):
    """What a handler answers to whoever has that certificate."""
    context = ssl.create_default_context(cafile=deployment.run.path / "tunnel/authority.pem")
    if certificate:
        context.load_cert_chain(certificate / "certificate.pem", certificate / "key.pem")
    handler = deployment.hosts["handler-a"]
    with deployment.hosts["web"].network():
        peer = fastcgi.Peer((handler.address, 9443))
    with peer, contextlib.suppress(*CUT):
        peer.socket = context.wrap_socket(peer.socket, server_hostname="sessions-fcgi")
        return peer.ask_again().status_code


@MAINLY_NGINX
def test_a_restart_in_turn_fails_nobody(deployment, db, bucket):
    with Users(deployment) as users:
        for _ in range(ROUNDS):
            for name in HANDLERS:
                users.wait_for_more()
                restart(deployment, name)
        users.wait_for_more()
    print(f"{deployment.tunnel}: {users.told(db, bucket)}, {2 * ROUNDS} restarts")
    assert users.failed == []


def restart(deployment, name):
    """While an upload is under way there."""
    web, program = deployment.hosts["web"], deployment.program(name)
    program.store.set_mode("hang")
    wait_until(lambda: administration.metrics(program.admin)(IN_FLIGHT) > 0, "an upload")
    assert "drain handler-a" in deployment.drain and "--end handler-a" in deployment.undrain
    lines = deployment.drain.replace("handler-a", name)
    draining = threading.Thread(target=web.follow, args=[lines, ROOT])
    draining.start()
    wait_until(lambda: web.run("grep", "-q", " down;", UPSTREAM).returncode == 0, "it is out")
    assert draining.is_alive()
    program.store.set_mode("forward")
    draining.join()
    program.process.send_signal(signal.SIGTERM)
    assert program.process.wait(20) == 0, program.log_text()
    program.bring_up()
    web.follow(deployment.undrain.replace("handler-a", name), ROOT)


@BOTH
def test_a_tunnel_that_is_down_fails_only_what_is_in_it(deployment, db, bucket):
    tunnel = deployment.parts["handler-a", "tunnel"]
    with Users(deployment) as users:
        for _ in range(ROUNDS):
            users.wait_for_more()
            tunnel.kill()
            users.wait_for_more(30)
            tunnel.bring_up()
        users.wait_for_more()
    print(f"{deployment.tunnel}: {users.told(db, bucket)}, {ROUNDS} tunnels killed")
    assert set(users.failed) <= {502}
    assert len(users.failed) <= ROUNDS * len(users.threads)


@MAINLY_NGINX
def test_a_program_that_is_away_fails_few(deployment, db, bucket):
    """Behind a tunnel that is there, so that each try of nginx's is a request."""
    program = deployment.program("handler-a")
    with Users(deployment) as users:
        for _ in range(ROUNDS):
            users.wait_for_more()
            program.kill()
            users.wait_for_more(30)
            program.bring_up()
        users.wait_for_more()
    print(f"{deployment.tunnel}: {users.told(db, bucket)}, {ROUNDS} programs killed")
    assert set(users.failed) <= {502}
    # What it was at, and one for each 10 s.
    assert len(users.failed) <= ROUNDS * (len(users.threads) + 2)


@MAINLY_NGINX
def test_an_upload_whose_handler_dies_is_stored_once(deployment, db, bucket):
    client, recording, key = deployment.client(), secrets.token_bytes(2 * MIB), secrets.token_hex(8)
    topic = f"Topic {key}"

    def upload():
        parts = [audio(recording), text("duration", "1"), text("topic", topic)]
        return client.post(*parts, headers={"Idempotency-Key": key})

    programs = [deployment.program(name) for name in HANDLERS]
    for program in programs:
        program.store.set_mode("hang")
    answers = []
    sending = threading.Thread(target=lambda: answers.append(upload()))
    sending.start()

    sessions = "SELECT count(*) FROM speaking_sessions WHERE topic = %s"
    wait_until(lambda: db.value(sessions, topic) == 1, "an upload is under way")
    [holder] = [p for p in programs if administration.metrics(p.admin)(IN_FLIGHT) > 0]
    holder.kill()
    sending.join()
    assert_error(answers[0], 502, "UNAVAILABLE")
    for program in programs:
        program.store.set_mode("forward")
    # For 10 s nginx asks none that has just failed, and the other one may have, too.
    holder.bring_up()
    wait_until(lambda: client.get().status_code == 200, "a handler is asked again")
    assert_error(upload(), 409, "IDEMPOTENCY_IN_PROGRESS")
    # As if its lease had ended.
    db.execute(
        'UPDATE sessions_fcgi.jobs SET "aliveAt" = "aliveAt" - interval \'1 minute\''
        ' WHERE "sessionId" IN (SELECT id FROM speaking_sessions WHERE topic = %s)', [topic],
    )  # fmt: skip
    again = upload()
    assert again.status_code == 201, again.text
    uploaded = "SELECT id FROM speaking_sessions WHERE topic = %s AND status = 'UPLOADED'"
    assert db.execute(uploaded, [topic]).fetchall() == [(again.json()["id"],)]
    assert bucket.get(db.session(again.json()["id"])["audioUrl"])[0] == recording


@with_tunnels("nginx")
def test_without_a_tunnel_where_that_is_said(deployment):
    host, program = deployment.hosts["handler-a"], deployment.program("handler-a")
    address = (host.address, 9000)
    words = [deployment.stack.program, "serve", "--listen", f"{host.address}:9000"]
    allowed = [*words, "--trust-all-who-can-connect"]
    settings = program.settings
    refused = host.run(*words, env=program.environment())
    assert refused.returncode == 1 and "no loopback address" in refused.stderr
    direct = Service(
        deployment.run, host, "direct", allowed, lambda: host.listens_at(9000), **settings
    )
    direct.bring_up()
    try:
        with deployment.hosts["web"].network():
            assert fastcgi.ask(address).status_code == 200
    finally:
        direct.stop()


@pytest.mark.soak
@BOTH
def test_what_the_hosts_cost(deployment):
    """CPU time of each part; docs/scaling.md has it."""
    user, data = deployment.new_client(), secrets.token_bytes(MIB) * 50
    print(f"{deployment.tunnel}, ms a request:")
    for what, count, ask in [
        ("POST of 50 MiB", 6, lambda: user.upload(data)),
        ("POST of 100 KB", 60, lambda: user.upload(data[:100_000])),
        ("list", 400, user.get),
    ]:
        ask()
        before = costs(deployment)
        for _ in range(count):
            ask()
        spent = {name: cost - before[name] for name, cost in costs(deployment).items()}
        print(what, {name: round(cost * 1000 / count, 3) for name, cost in spent.items()})


def costs(deployment):
    """The handlers' parts together, since each has some of the requests."""
    sums = Counter()
    for (host, name), part in deployment.parts.items():
        sums[host.partition("-")[0], name] += cpu_seconds(part.process.pid)
    return sums
