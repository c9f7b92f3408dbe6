"""The fault matrix: what may go wrong on the way to PostgreSQL and to S3, for every route.

Every cell ends in time, in a right answer or in the contract's error, with nothing lost after it.
"""

import os
import secrets
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import faults
import psycopg
import pytest
from certificates import make_certificate
from client import assert_error
from faults import Wire
from gates import Gate
from ledger import Ledger
from load import Load
from relay import StorageRelay
from tenant import get
from waiting import at_once, wait_until

DEADLINE_SECONDS = 15
STORED = secrets.token_bytes(2000)
SENT = secrets.token_bytes(100_000)
# In scripts/soak every power of two; otherwise a few that differ in where they strike.
SOAKING = "SOAK_SECONDS" in os.environ
COUNTS = [0, *(1 << n for n in range(15))] if SOAKING else [0, 1, 2048]


class Cells:
    """One row of the matrix: all routes at the same time, while a fault lasts."""

    def __init__(self, tenant, pooled=False):
        self.tenant = tenant
        self.pooled = pooled
        self.ledger = Ledger(tenant)

    def responder(self, database=None, **changed):
        """A responder whose database is, where a port is given, what listens there."""
        if self.pooled:
            changed["DATABASE_URL"] = self.tenant.url_at_pooler(self.tenant.pooler(database).port)
        elif database:
            changed["DATABASE_URL"] = self.tenant.database_url_at(database)
        return self.tenant.responder(workers=8, **changed)

    def prepare(self, site):
        self.site = site
        self.kept = self.ledger.upload(site, STORED).json()["id"]
        self.gone = self.ledger.upload(site, STORED).json()["id"]

    def check(self, code, untouched=()):
        """Every route answers rightly or with that code; those untouched answer rightly."""
        routes = {
            "POST": (201, lambda: self.ledger.upload(self.site, SENT)),
            "list": (200, lambda: get(self.site)),
            "detail": (200, lambda: get(self.site, f"/{self.kept}")),
            "audio": (200, lambda: get(self.site, f"/{self.kept}/audio")),
            "DELETE": (200, lambda: self.ledger.delete(self.site, self.gone)),
        }
        with ThreadPoolExecutor(len(routes)) as pool:
            timed = {name: pool.submit(measured, ask) for name, (_, ask) in routes.items()}
        for name, (status, _) in routes.items():
            answer, seconds = timed[name].result()
            assert answer is not None, f"{name}: no answer"
            print(f"{name}: {answer.status_code} after {seconds:.1f} s")
            assert seconds < DEADLINE_SECONDS, name
            if name in untouched or answer.status_code == status:
                assert answer.status_code == status, answer.text
                self.check_right(name, answer)
            else:
                assert_error(answer, 503, code)
                assert int(answer.headers["Retry-After"]) > 0

    def check_right(self, name, answer):
        if name == "audio":
            # What breaks off in the middle shows by its length.
            body, length = answer.body, int(answer.headers["Content-Length"])
            assert length == len(STORED) and STORED.startswith(body)
        elif name == "DELETE":
            assert answer.json() == {"ok": True}
        elif name == "list":
            assert {session["id"] for session in answer.json()["sessions"]} >= {self.kept}
        elif name == "detail":
            assert answer.json()["id"] == self.kept

    def check_recovery(self):
        """The fault is over, and nothing has to be started again."""
        if self.pooled:
            # A pooler asks again only now and then whether its server is back.
            wait_until(lambda: get(self.site).status_code == 200, "the pooler is well", 5)
        assert self.ledger.upload(self.site, b"afterwards").status_code == 201
        assert get(self.site, f"/{self.kept}/audio").body == STORED
        self.ledger.settle([self.site])


def measured(ask):
    started = time.monotonic()
    answer = ask()
    return answer, time.monotonic() - started


# scripts/soak goes through the whole matrix again, with PgBouncer before the database.
@pytest.fixture(params=["straight", pytest.param("pooled", marks=pytest.mark.soak)])
def cells(tenant, request):
    return Cells(tenant, request.param == "pooled")


WIRE_FAULTS = {
    **{f"answers reset after {n} bytes": faults.reset_after(n) for n in COUNTS},
    **{f"requests reset after {n} bytes": faults.reset_after(n, "request") for n in COUNTS},
    **{f"answers end after {n} bytes": faults.end_after(n) for n in COUNTS[1::2]},
    "never answers": faults.hang,
    "1 KB/s": faults.slow,
}
GARBLED = {n: (f"byte {n} of the answers garbled", faults.garble_at(n)) for n in COUNTS}
# TLS would find every changed byte. On a plain connection nothing can tell one in a value from
# what the value was, so here only the beginning is garbled, before any value.
DATABASE_FAULTS = {**WIRE_FAULTS, **dict(GARBLED[n] for n in COUNTS if n <= 64)}
STORE_FAULTS = {**WIRE_FAULTS, **dict(GARBLED.values())}


def sampled(kind, sample):
    """A row for every fault on the wire of the database, of which all but some are for the soak."""
    return [
        pytest.param(
            kind, fault, id=f"{kind}-{name}", marks=() if name in sample else pytest.mark.soak
        )
        for name, fault in DATABASE_FAULTS.items()
    ]


@pytest.mark.parametrize(
    "cells, fault",
    [
        *sampled("straight", DATABASE_FAULTS),
        *sampled("pooled", ["answers reset after 2048 bytes", "never answers"]),
    ],
    indirect=["cells"],
)
def test_way_to_the_database(tenant, cells, fault):
    """With a pooler, the way from there on."""
    url = urlsplit(tenant.database_url)
    with Wire(url.hostname, url.port) as wire:
        cells.prepare(cells.responder(database=wire.port))
        wire.fault = fault
        cells.check("DATABASE_UNAVAILABLE")
        wire.fault = None
        wire.cut()
        cells.check_recovery()


@pytest.mark.parametrize(
    "cells, fault",
    sampled("pooled", ["requests reset after 2048 bytes", "answers end after 1 bytes"]),
    indirect=["cells"],
)
def test_way_to_the_pooler(tenant, cells, fault):
    with Wire("127.0.0.1", tenant.pooler().port) as wire:
        cells.prepare(tenant.responder(workers=8, DATABASE_URL=tenant.url_at_pooler(wire.port)))
        wire.fault = fault
        cells.check("DATABASE_UNAVAILABLE")
        wire.fault = None
        wire.cut()
        cells.check_recovery()


@pytest.mark.parametrize("fault", STORE_FAULTS.values(), ids=STORE_FAULTS)
def test_way_to_the_store(tenant, stack, cells, fault):
    with Wire("127.0.0.1", int(stack.env["R2_ENDPOINT"].rsplit(":", 1)[1])) as wire:
        endpoint = f"https://localhost:{wire.port}"
        cells.prepare(cells.responder(R2_ENDPOINT=endpoint))
        wire.fault = fault
        cells.check("STORAGE_UNAVAILABLE", untouched=("list", "detail", "DELETE"))
        wire.fault = None
        wire.cut()
        cells.check_recovery()


ANSWERS = {
    "500 at first": (lambda: faults.once(500), True),
    "503 at first": (lambda: faults.once(503), True),
    "429 at first": (lambda: faults.once(429), True),
    "503 always": (lambda: faults.always(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"), False),
    "no HTTP": (lambda: faults.always(b"\0" * 1000), False),
    "half an answer": (lambda: faults.truncated, False),
    "garbled status line": (lambda: faults.garbled, False),
}


@pytest.mark.parametrize("spoil, passes", ANSWERS.values(), ids=ANSWERS)
def test_answers_of_the_store(tenant, stack, cells, spoil, passes):
    with StorageRelay(stack, Gate()) as storage:
        cells.prepare(cells.responder(R2_ENDPOINT=storage.endpoint))
        storage.spoil = spoil()
        right = ("POST", "audio") if passes else ()
        cells.check("STORAGE_UNAVAILABLE", untouched=("list", "detail", "DELETE", *right))
        storage.spoil = None
        cells.check_recovery()


def test_store_with_a_wrong_certificate(tenant, stack, cells, tmp_path):
    wrong = make_certificate(tmp_path / "wrong", make_certificate(tmp_path / "ca"))
    with StorageRelay(stack, Gate()) as storage:
        cells.prepare(cells.responder(R2_ENDPOINT=storage.endpoint))
        right, storage.certificate = storage.certificate, (wrong.chain, wrong.key)
        storage.cut()
        cells.check("STORAGE_UNAVAILABLE", untouched=("list", "detail", "DELETE"))
        storage.certificate = right
        cells.check_recovery()


@pytest.mark.parametrize("part", ["database", "store"])
def test_nobody_listens(tenant, stack, cells, part):
    url = urlsplit(tenant.database_url)
    s3_port = int(stack.env["R2_ENDPOINT"].rsplit(":", 1)[1])
    target = (url.hostname, url.port) if part == "database" else ("127.0.0.1", s3_port)
    with Wire(*target) as wire:
        changed = (
            {"database": wire.port}
            if part == "database"
            else {"R2_ENDPOINT": f"https://localhost:{wire.port}"}
        )
        cells.prepare(cells.responder(**changed))
        wire.close()
        if part == "database":
            cells.check("DATABASE_UNAVAILABLE")
        else:
            cells.check("STORAGE_UNAVAILABLE", untouched=("list", "detail", "DELETE"))
        wire.listen()
        cells.check_recovery()


def test_database_restarted_under_load(stack, tenant, cells):
    ledger = cells.ledger
    site = cells.responder()
    process = site.process.pid
    with Load(ledger, site):
        wait_until(lambda: len(ledger.uploaded) > 3, "the load is on")
        server = stack.part_pid("postgres")
        os.kill(server, signal.SIGINT)
        wait_until(lambda: is_up(stack) and stack.part_pid("postgres") != server, "it is back", 60)
        before = len(ledger.uploaded)
        wait_until(lambda: len(ledger.uploaded) > before + 3, "uploads succeed again", 30)
    tenant.reconnect()
    answers = at_once(8, lambda _: get(site))
    assert [answer.status_code for answer in answers] == [200] * 8, "no worker is dead"
    assert site.is_running() and site.process.pid == process
    ledger.settle([site])


def is_up(stack):
    try:
        psycopg.connect(stack.database_url, connect_timeout=2).close()
        return True
    except psycopg.OperationalError:
        return False
