"""A store that lies, drips, cuts and redirects: nobody is told a lie for it, and nobody starves."""

import secrets
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import administration
import fastcgi
import pytest
from client import assert_error
from hostile_store import BEHAVIOURS, SOUND, HostileStore, extension_of
from load import Lists
from tenant import delete, get, post
from test_memory import peak_memory
from waiting import wait_until

SECONDS = 40
# Those that a client may be told to have succeeded: what they say is true, or nothing is lost.
GOOD_TO_PUT = {"late", "html", "no-type", "browser-fields", "too-much", "chunked", "no-length"}
GOOD_TO_PUT |= {"early-success"}  # the whole of a small body was on its way
GOOD_TO_GET = {"late", "html", "no-type", "browser-fields", "no-etag", "error-under-200"}
FORBIDDEN = ["Location", "Set-Cookie", "Refresh", "Link", "Content-Encoding", "Clear-Site-Data"]
FORBIDDEN += ["Content-Disposition", "Access-Control-Allow-Origin"]


@pytest.fixture
def store(stack):
    with HostileStore(stack) as store:
        yield store


@pytest.fixture
def site(tenant, store):
    # All at once, so that those who wait for nothing wait together.
    return tenant.responder(
        workers=200, R2_ENDPOINT=store.endpoint, MAX_UPLOADS_IN_FLIGHT=0, MAX_UPLOADS_PER_HOUR=0
    )


def add_session(tenant, name):
    """A session whose recording lies where the store shows that behaviour."""
    id = f"c{secrets.token_hex(12)}"
    tenant.execute(
        'INSERT INTO speaking_sessions (id, "userId", status, "audioUrl", "updatedAt")'
        " VALUES (%s, 'owner', 'DONE', %s, now())",
        id,
        f"sessions/owner/{id}/audio.{extension_of(name)}",
    )
    return id


def all_at_once(body, names):
    with ThreadPoolExecutor(len(names)) as pool:
        return dict(zip(names, pool.map(body, names), strict=True))


@pytest.fixture
def owner(tenant):
    tenant.execute(
        'INSERT INTO users (id, "externalId", "updatedAt") VALUES (%s, %s, now())', "owner", "demo"
    )


def in_time(ask):
    """An answer, which has to come whatever the store does, and how long it took."""
    started = time.monotonic()
    response = ask()
    assert time.monotonic() - started < SECONDS
    return response


def test_uploads(tenant, site):
    def upload(name):
        return in_time(lambda: post(site, type=f"audio/{extension_of(name)}"))

    answers = all_at_once(upload, BEHAVIOURS)
    stored = {key.rpartition(".")[2] for _, key in tenant.sessions().values() if key}
    assert {name for name in BEHAVIOURS if answers[name].status_code == 201} == stored
    assert stored <= GOOD_TO_PUT
    for name in set(BEHAVIOURS) - stored:
        assert_error(answers[name], 503, "STORAGE_UNAVAILABLE")
    assert_well(site)
    states = tenant.execute("SELECT DISTINCT status::text FROM speaking_sessions").fetchall()
    assert {state for (state,) in states} <= {"UPLOADED", "FAILED"}
    keys = {job["objectKey"].rpartition(".")[2] for job in tenant.jobs("delete")}
    assert keys >= set(BEHAVIOURS) - GOOD_TO_PUT


@pytest.mark.parametrize("range", [None, "bytes=100-199"])
def test_playback(tenant, site, owner, range):
    given = {} if range is None else {"HTTP_RANGE": range}

    def play(name):
        session = add_session(tenant, name)
        parameters = fastcgi.parameters("GET", f"/api/sessions/{session}/audio", **given)
        return in_time(lambda: fastcgi.ask(site.socket, parameters, timeout=SECONDS))

    for name, response in all_at_once(play, BEHAVIOURS).items():
        if response is None:
            continue  # the connection broke, as it should inside a body
        for field in FORBIDDEN:
            assert field not in response.headers, (name, field)
        # A part that nobody asked for is no recording.
        if response.status_code not in ((200, 206) if "HTTP_RANGE" in given else (200,)):
            assert response.status_code in (404, 503), (name, response.status_code)
            assert set(response.json()) == {"error", "code"}, name
            continue
        assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert response.headers["Content-Type"] in ("audio/webm", "application/octet-stream"), name
        announced = int(response.headers["Content-Length"])
        assert len(response.body) <= announced, name
        if len(response.body) == announced and name in GOOD_TO_GET - {"error-under-200"}:
            assert response.body == SOUND, name
    assert_well(site)


def test_addresses_for_nginx(tenant, site, owner):
    """It fetches only what a HEAD told the length of."""

    def play(name):
        session = add_session(tenant, name)
        given = fastcgi.parameters("GET", f"/api/sessions/{session}/audio", X_ACCEL="on")
        return in_time(lambda: fastcgi.ask(site.socket, given, timeout=SECONDS))

    answers = all_at_once(play, BEHAVIOURS)
    for name, response in answers.items():
        if "X-Accel-Redirect" not in response.headers:
            assert response.status_code in (404, 503), (name, response.status_code)
    for name in ["chunked", "cut-chunk", "no-length", "moved", "switching", "silent", "nothing"]:
        assert "X-Accel-Redirect" not in answers[name].headers, name
    assert "X-Accel-Redirect" in answers["late"].headers
    assert_well(site)


def test_deletions(tenant, site, owner):
    sessions = {name: add_session(tenant, name) for name in BEHAVIOURS}
    answers = all_at_once(lambda name: in_time(lambda: delete(site, sessions[name])), BEHAVIOURS)
    assert {response.status_code for response in answers.values()} == {200}
    left = {job["objectKey"].rpartition(".")[2] for job in tenant.jobs("delete")}
    assert "late" not in left
    never = {"moved", "found", "temporary", "error-under-200", "denied-under-200", "switching"}
    never |= {"silent", "busy-for-long", "locked", "unknown-key", "nonsense", "nothing", "cut-head"}
    assert left >= never
    assert_well(site)


def assert_well(site):
    """A list is answered at once, and little memory was ever needed."""
    started = time.monotonic()
    assert get(site).status_code == 200
    assert time.monotonic() - started < 2
    assert peak_memory(site.process.pid) < 80 << 20


# Nobody starves


@pytest.mark.parametrize("name", ["silent", "drips"])
def test_while_storage_hangs_lists_are_answered(tenant, store, owner, name):
    site = tenant.responder(
        workers=4, R2_ENDPOINT=store.endpoint, MAX_UPLOADS_IN_FLIGHT=0, MAX_UPLOADS_PER_HOUR=0
    )
    sessions = [add_session(tenant, name) for _ in range(4)]
    big = bytes(3_000_000)
    refused = []

    def upload():
        started = time.monotonic()
        response = post(site, big, type=f"audio/{name}", timeout=60)
        if response.status_code != 201:
            refused.append(time.monotonic() - started)

    threads = [threading.Thread(target=upload) for _ in range(12)]
    threads += [
        threading.Thread(target=get, args=[site, f"/{session}/audio"]) for session in sessions
    ]
    for thread in threads:
        thread.start()
    with Lists(site) as lists:
        time.sleep(8)
    print(lists)
    assert not lists.failures and lists.unanswered == 0
    assert max(lists.seconds) < 2 and lists.p99 < 1
    # Who comes now is told at once.
    started = time.monotonic()
    late = post(site, type=f"audio/{name}")
    assert late.status_code in (201, 503)
    assert time.monotonic() - started < 10
    for thread in threads:
        thread.join()
    assert len(refused) >= 4
    wait_until(lambda: get(site).status_code == 200, "a list")


def test_requests_that_wait_for_a_place_are_counted(tenant, store):
    site = tenant.responder(workers=1, R2_ENDPOINT=store.endpoint, MAX_UPLOADS_IN_FLIGHT=0)

    def parked():
        return administration.metrics(site.admin)("sessions_fcgi_requests_parked")

    assert parked() == 0
    ask = [
        threading.Thread(target=post, args=[site], kwargs={"type": "audio/silent"})
        for _ in range(3)
    ]
    for thread in ask:
        thread.start()
    wait_until(lambda: parked() == 2, "two of three in line", seconds=5)
    for thread in ask:
        thread.join()
    assert parked() == 0


def test_a_client_that_goes_ends_its_playback(tenant, store, owner):
    site = tenant.responder(workers=1, R2_ENDPOINT=store.endpoint)
    session = add_session(tenant, "drips")
    with fastcgi.Peer(site.socket) as peer:
        given = fastcgi.parameters("GET", f"/api/sessions/{session}/audio")
        peer.send(fastcgi.begin(), fastcgi.stream(fastcgi.PARAMS, fastcgi.pairs(given)))
        peer.send(fastcgi.stream(fastcgi.STDIN, b""))
        time.sleep(1)
    wait_until(lambda: "nobody waited" in site.log_text(), "the end of the playback", seconds=5)
