"""Idempotency-Key: a recording that is sent again is stored once."""

import threading
from urllib.parse import urlsplit

import pytest
from client import assert_error
from gates import Crowd, Gate
from ledger import Ledger
from relay import DatabaseRelay, StorageRelay
from tenant import delete, post, upload
from waiting import at_once, wait_until

DATA = b"not really sound"


@pytest.fixture
def site(tenant):
    return tenant.responder(workers=8)


@pytest.fixture
def gated(tenant, stack, gate):
    """A responder whose storage lies behind the gate."""
    with StorageRelay(stack, gate) as storage:
        yield tenant.responder(workers=8, R2_ENDPOINT=storage.endpoint)


def stop_in_a_put(gate, site, **options):
    """Begins an upload and stops in the middle of its PUT; its thread, and its answer."""
    answers = []

    def request():
        answers.append(post(site, DATA, **options))

    gate.arm("PUT /", "half")
    thread = threading.Thread(target=request)
    thread.start()
    assert gate.reached.wait(20), site.log_text()
    return thread, answers


def assert_same(first, second):
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert first.headers["Location"] == second.headers["Location"]


def test_same_key_and_content_give_the_same_answer(tenant, site):
    first = post(site, key="k-1")
    assert_same(first, post(site, key="k-1"))
    assert list(tenant.sessions()) == [first.json()["id"]]
    assert len(tenant.bucket.keys()) == 1


def test_quoted_or_bare(tenant, site):
    assert_same(post(site, key="k-1"), post(site, key='"k-1"'))


def test_other_boundary(tenant, site):
    assert_same(post(site, key="k-1"), post(site, key="k-1", boundary="quite-another-Xy7"))


@pytest.mark.parametrize(
    "change",
    [
        {"data": b"other sound"},
        {"type": "audio/mp4"},
        {"duration": "2"},
        {"topic": "travel"},
        {"language": "pt-BR"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_other_content_is_refused(tenant, site, change):
    assert post(site, key="k-1").status_code == 201
    assert_error(post(site, key="k-1", **change), 422, "IDEMPOTENCY_MISMATCH")
    assert len(tenant.sessions()) == len(tenant.bucket.keys()) == 1


def test_without_a_key_or_with_another_it_is_stored_again(tenant, site):
    ids = {upload(site), upload(site), upload(site, key="a"), upload(site, key="b")}
    assert len(ids) == len(tenant.bucket.keys()) == 4


def test_key_is_the_users_own(tenant, site):
    first, second = post(site, key="k-1", user="anna"), post(site, key="k-1", user="ben")
    assert first.json()["id"] != second.json()["id"]
    assert_error(post(site, b"else", key="k-1", user="ben"), 422, "IDEMPOTENCY_MISMATCH")


def test_answer_stays_the_same_when_the_session_is_gone(tenant, site):
    first = post(site, key="k-1")
    delete(site, first.json()["id"])
    assert_same(first, post(site, key="k-1"))
    assert tenant.sessions() == {} and tenant.bucket.keys() == []


@pytest.mark.parametrize("key", ["", " ", "a b", "ä", "k" * 256, '"unfinished', '""'])
def test_key_that_is_none(tenant, site, key):
    assert_error(post(site, key=key), 400, "INVALID_FIELD")
    assert tenant.sessions() == {}


def test_while_the_first_runs(tenant, gated, gate):
    thread, answers = stop_in_a_put(gate, gated, key="k-1")
    second = post(gated, key="k-1")
    assert_error(second, 409, "IDEMPOTENCY_IN_PROGRESS")
    # What is left of the lease: if the first try's process is dead, the key is free then.
    assert 20 <= int(second.headers["Retry-After"]) <= 30
    gate.resume()
    thread.join()
    assert_same(answers[0], post(gated, key="k-1"))
    assert len(tenant.sessions()) == 1


def test_after_a_failed_try_the_key_is_free(tenant, stack):
    with StorageRelay(stack, Gate()) as storage:
        refusal = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
        storage.spoil = lambda method, answer: refusal
        site = tenant.responder(R2_ENDPOINT=storage.endpoint)
        assert_error(post(site, key="k-1"), 503, "STORAGE_UNAVAILABLE")
        (failed,) = tenant.sessions()
        assert tenant.session(failed)["status"] == "FAILED"
        storage.spoil = None
        ledger = Ledger(tenant)
        # Not even the content has to be the same: only a 201 is final.
        answer = ledger.upload(site, b"another try", key="k-1")
        assert answer.status_code == 201
        assert list(tenant.sessions()) == [answer.json()["id"]] != [failed]
        ledger.settle([site])
        assert len(tenant.bucket.keys()) == 1


def test_refused_form_does_not_use_the_key(tenant, site):
    assert_error(post(site, key="k-1", duration="x"), 400, "INVALID_DURATION")
    assert post(site, key="k-1").status_code == 201


def test_after_kill_9_the_key_is_free_once_the_lease_has_run_out(tenant, gated, gate):
    ledger = Ledger(tenant)
    thread, answers = stop_in_a_put(gate, gated, key="k-1")
    gated.process.kill()
    gated.wait()
    gate.cut()
    thread.join()
    assert answers == [None]
    gated.start()
    assert gated.wait_until_ready(20)
    assert_error(post(gated, key="k-1"), 409, "IDEMPOTENCY_IN_PROGRESS")
    tenant.age_job(25)
    assert_error(post(gated, key="k-1"), 409, "IDEMPOTENCY_IN_PROGRESS")
    tenant.age_job(6)
    (dead,) = tenant.sessions()
    answer = ledger.upload(gated, DATA, key="k-1")
    assert answer.status_code == 201
    assert list(tenant.sessions()) == [answer.json()["id"]] != [dead]
    ledger.settle([gated])
    assert len(tenant.bucket.keys()) == 1


def test_first_try_that_lost_its_lease_and_lives(tenant, gated, gate):
    """As if renewing had failed for 30 s: the second try takes the key, the first must not win."""
    ledger = Ledger(tenant)
    thread, answers = stop_in_a_put(gate, gated, key="k-1")
    tenant.age_job(31)
    second = ledger.upload(gated, DATA, key="k-1")
    gate.resume()
    thread.join()
    assert second.status_code == 201
    assert_error(answers[0], 404, "SESSION_NOT_FOUND")
    assert_same(second, post(gated, key="k-1"))
    ledger.settle([gated])
    assert len(tenant.sessions()) == len(tenant.bucket.keys()) == 1


def test_lease_is_renewed_while_the_upload_runs(tenant, gated, gate):
    thread, answers = stop_in_a_put(gate, gated, key="k-1")
    tenant.age_job(3600)
    # The lease looks an hour old, until the program renews it: every 10 s.
    young = "SELECT count(*) FROM sessions_fcgi.jobs WHERE \"aliveAt\" > now() AT TIME ZONE 'UTC'"
    young += " - interval '30 seconds'"
    wait_until(lambda: tenant.value(young) == 1, "the lease is renewed", 25)
    assert_error(post(gated, key="k-1"), 409, "IDEMPOTENCY_IN_PROGRESS")
    gate.resume()
    thread.join()
    assert_same(answers[0], post(gated, key="k-1"))


def test_key_is_forgotten_after_a_day(tenant, site):
    first = post(site, key="k-1")
    tenant.age_upload(24 * 3600 - 60)
    assert_same(first, post(site, key="k-1"))
    tenant.age_upload(120)
    second = post(site, b"other sound", key="k-1")
    assert second.status_code == 201 and second.json()["id"] != first.json()["id"]
    assert len(tenant.sessions()) == 2, "a successful session is nobody's earlier try"


def test_20_at_once_make_one_session(tenant):
    with DatabaseRelay(urlsplit(tenant.database_url), Crowd("begin_upload", 20)) as relay:
        url = tenant.database_url_at(relay.port) + "?connection_limit=20"
        sites = [tenant.responder(workers=16, DATABASE_URL=url) for _ in range(2)]
        answers = at_once(20, lambda n: post(sites[n % 2], key="k-1"))
    successes = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    for answer in answers:
        if answer.status_code != 201:
            assert_error(answer, 409, "IDEMPOTENCY_IN_PROGRESS")
    assert len(successes) == 1
    assert list(tenant.sessions()) == [*successes]
    Ledger(tenant).settle(sites)
    assert len(tenant.bucket.keys()) == 1
