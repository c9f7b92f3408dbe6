"""A store with moods, under load and with kills: nothing is lost or leaked, and nobody starves."""

import os
import random
import time
from pathlib import Path
from urllib.parse import urlsplit

import administration
import pytest
from hostile_store import BEHAVIOURS
from ledger import Ledger
from load import Lists, Load
from moody_store import MoodyStore
from tenant import get
from test_crash import kill, restart
from test_storage_failures import connections
from waiting import at_once, wait_until

WORKERS = 8
# A multiple of the workers: whoever needs storage waits for it, and all of them are there at once.
CROWD = 3 * WORKERS
SECONDS = int(os.environ.get("SOAK_SECONDS", 10))
MOODS_BETWEEN_CHECKS = 20
MOODS_BETWEEN_KILLS = 4


@pytest.fixture
def store(stack):
    with MoodyStore(stack) as store:
        yield store


@pytest.fixture
def site(tenant, store):
    return tenant.responder(
        workers=WORKERS, R2_ENDPOINT=store.endpoint, UPLOAD_TIMEOUT_SECONDS=3,
        MAX_UPLOADS_IN_FLIGHT=0, MAX_UPLOADS_PER_HOUR=0,
    )  # fmt: skip


def test_moods_and_kills(tenant, store, site):
    """Every behaviour in turn, for SOAK_SECONDS; a kill now and then."""
    ledger = Ledger(tenant)
    deadline = time.monotonic() + SECONDS
    threads = thread_count(site)
    moods, seen, kills = [], set(), 0
    while time.monotonic() < deadline:
        with Load(ledger, site, WORKERS), Lists(site) as lists:
            for number in range(MOODS_BETWEEN_CHECKS):
                moods = moods or random.sample(BEHAVIOURS, len(BEHAVIOURS))
                store.mood = moods.pop()
                seen.add(store.mood)
                time.sleep(random.uniform(0.1, 1.5))
                if number % MOODS_BETWEEN_KILLS == MOODS_BETWEEN_KILLS - 1:
                    kill(site)
                    kills += 1
                    restart(site)
                store.mood = None
                before = len(ledger.uploaded)
                wait_until(lambda n=before: len(ledger.uploaded) > n, "an upload in good times")
                if time.monotonic() > deadline:
                    break
        print(f"{len(seen)} of {len(BEHAVIOURS)} moods, {kills} kills, {lists}")
        assert not lists.failures and lists.p99 < 1
        check(tenant, ledger, store, site, threads)
    assert ledger.uploaded and ledger.deleted


@pytest.mark.soak  # test_hostile_store.py has one that is shorter
@pytest.mark.parametrize("mood", ["silent", "reads-nothing", "drips", "drips-its-head"])
def test_lists_while_every_request_to_storage_hangs(tenant, store, site, mood):
    ledger = Ledger(tenant)
    threads = thread_count(site)
    for _ in range(WORKERS):
        assert ledger.upload(site, bytes(1000)).status_code == 201
    store.mood = mood
    with Load(ledger, site, CROWD, actions=("upload", "delete", "play")), Lists(site) as lists:
        time.sleep(min(SECONDS, 60) / 2)
    print(f"{mood}: {lists}")
    assert not lists.failures and lists.unanswered == 0
    assert lists.p99 < 1
    store.mood = None
    check(tenant, ledger, store, site, threads)


def check(tenant, ledger, store, site, threads):
    """All is well again and as it was."""
    store.wait_until_written()
    ledger.settle([site])
    answers = at_once(WORKERS, lambda _: get(site))
    assert [answer.status_code for answer in answers] == [200] * WORKERS
    answers = at_once(WORKERS, lambda _: ledger.upload(site, b"afterwards"))
    assert [answer.status_code for answer in answers] == [201] * WORKERS
    port = urlsplit(tenant.database_url).port
    metrics = administration.metrics(site.admin)
    for gauge in ("requests_parked", "uploads_in_flight", "requests_in_flight"):
        assert metrics(f"sessions_fcgi_{gauge}") == 0, gauge
    wait_until(lambda: connections(site.process.pid, store.port) == 0, "no connection is left", 30)
    assert thread_count(site) == threads
    assert connections(site.process.pid, port) <= WORKERS + 2


def thread_count(site):
    return len(list(Path(f"/proc/{site.process.pid}/task").iterdir()))
