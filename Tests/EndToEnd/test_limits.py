"""How many uploads a user may have in flight and per hour, across processes and under a race."""

import threading
from urllib.parse import urlsplit

import pytest
from client import assert_error
from gates import Crowd, Gate
from ledger import Ledger
from relay import DatabaseRelay, StorageRelay
from tenant import delete, post, upload
from waiting import at_once, wait_until

RACERS = 20


@pytest.fixture
def crowded_database(tenant):
    """A way to the database on which all racers begin their uploads at the same moment."""
    crowd = Crowd("begin_upload", RACERS)
    with DatabaseRelay(urlsplit(tenant.database_url), crowd) as relay:
        yield tenant.database_url_at(relay.port) + f"?connection_limit={RACERS}"


def assert_limited(answer, least=1, most=3600):
    assert_error(answer, 429, "RATE_LIMITED")
    assert least <= int(answer.headers["Retry-After"]) <= most


# In flight


@pytest.fixture
def one_in_flight(tenant, stack, gate):
    """A responder that allows one upload in flight, with one stopped in its PUT."""
    with StorageRelay(stack, gate) as storage:
        site = tenant.responder(workers=8, R2_ENDPOINT=storage.endpoint, MAX_UPLOADS_IN_FLIGHT=1)
        answers = []
        gate.arm("PUT /", "half")
        thread = threading.Thread(target=lambda: answers.append(post(site, b"first")))
        thread.start()
        assert gate.reached.wait(20), site.log_text()
        site.first = answers
        yield site
        gate.resume()
        thread.join()


def test_one_too_many_in_flight(tenant, one_in_flight, gate):
    assert_limited(post(one_in_flight), most=30)
    assert post(one_in_flight, user="another").status_code == 201
    gate.resume()
    wait_until(lambda: one_in_flight.first, "the first upload ends")
    assert one_in_flight.first[0].status_code == 201
    assert post(one_in_flight).status_code == 201


def test_one_too_many_in_flight_of_another_process(tenant, one_in_flight):
    other = tenant.responder(MAX_UPLOADS_IN_FLIGHT=1)
    assert_limited(post(other), most=30)


def test_dead_process_locks_nobody_out(tenant, one_in_flight, gate):
    one_in_flight.process.kill()
    one_in_flight.wait()
    gate.cut()
    other = tenant.responder(MAX_UPLOADS_IN_FLIGHT=1)
    assert_limited(post(other), most=30)
    tenant.age_job(31)
    assert post(other).status_code == 201
    Ledger(tenant).settle([one_in_flight, other])


def test_in_flight_is_never_passed(tenant, stack, crowded_database):
    """The store answers none before all have asked, so those let in are in flight together."""
    gate = Holding()
    with StorageRelay(stack, gate) as storage:
        settings = {"R2_ENDPOINT": storage.endpoint, "MAX_UPLOADS_IN_FLIGHT": 3}
        settings["DATABASE_URL"] = crowded_database
        sites = [tenant.responder(workers=16, **settings) for _ in range(2)]

        def request(number):
            answer = post(sites[number % 2], bytes([number]))
            gate.answered(answer.status_code)
            return answer

        gate.expect(RACERS)
        answers = at_once(RACERS, request)
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [201] * 3 + [429] * (RACERS - 3)
    assert gate.most_at_once == 3
    for answer in answers:
        if answer.status_code == 429:
            assert_limited(answer, most=30)


class Holding(Gate):
    """Holds every PUT until each of the expected requests has made one or was refused."""

    def __init__(self):
        super().__init__()
        self._decided = 0
        self._expected = 0
        self._held = 0
        self.most_at_once = 0
        self._changed = threading.Condition()

    def expect(self, count):
        self._expected = count

    def answered(self, status):
        with self._changed:
            self._decided += status == 429
            self._changed.notify_all()

    def pass_by(self, what, moment):
        if (what, moment) != ("PUT /", "asked"):
            return
        with self._changed:
            self._decided += 1
            self._changed.notify_all()
            self._held += 1
            self.most_at_once = max(self.most_at_once, self._held)
            self._changed.wait_for(lambda: self._decided >= self._expected, timeout=8)
            self._held -= 1


# Per hour


def test_one_too_many_an_hour(tenant):
    site = tenant.responder(MAX_UPLOADS_PER_HOUR=2)
    upload(site), upload(site)
    assert_limited(post(site), least=3500)
    assert post(site, user="another").status_code == 201
    tenant.age_upload(3000)
    assert_limited(post(site), least=500, most=600)
    tenant.age_upload(601)
    assert post(site).status_code == 201


def test_deleted_uploads_count_for_the_hour(tenant):
    site = tenant.responder(MAX_UPLOADS_PER_HOUR=1)
    delete(site, upload(site))
    assert_limited(post(site))


def test_failed_uploads_do_not_count_for_the_hour(tenant, stack):
    with StorageRelay(stack, Gate()) as storage:
        site = tenant.responder(R2_ENDPOINT=storage.endpoint, MAX_UPLOADS_PER_HOUR=1)
        storage.spoil = lambda *_: b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
        for _ in range(2):
            assert_error(post(site), 503, "STORAGE_UNAVAILABLE")
        storage.spoil = None
        assert post(site).status_code == 201
        assert_limited(post(site))


def test_the_hour_is_never_passed(tenant, crowded_database):
    settings = {"DATABASE_URL": crowded_database, "MAX_UPLOADS_PER_HOUR": 5}
    sites = [tenant.responder(workers=16, **settings) for _ in range(2)]
    answers = at_once(RACERS, lambda number: post(sites[number % 2], bytes([number])))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [201] * 5 + [429] * (RACERS - 5)
    assert len(tenant.sessions()) == len(tenant.bucket.keys()) == 5


def test_repeated_answer_counts_for_nothing(tenant):
    site = tenant.responder(MAX_UPLOADS_PER_HOUR=1, MAX_UPLOADS_IN_FLIGHT=1)
    first = post(site, key="k-1")
    assert post(site, key="k-1").json() == first.json()
    assert_limited(post(site, key="k-2"))


def test_off_by_0(tenant):
    site = tenant.responder(workers=8, MAX_UPLOADS_PER_HOUR=0, MAX_UPLOADS_IN_FLIGHT=0)
    answers = at_once(RACERS, lambda number: post(site, bytes([number])))
    assert {answer.status_code for answer in answers} == {201}


def test_100_an_hour_are_allowed_unless_set(tenant):
    site = tenant.responder(MAX_UPLOADS_PER_HOUR="")
    upload(site)
    tenant.execute(
        'INSERT INTO sessions_fcgi.uploads ("sessionId", "externalId", "startedAt", "completedAt")'
        " SELECT 'c' || n, 'demo', now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'"
        " FROM generate_series(1, 98) AS n"
    )
    upload(site)
    assert_limited(post(site))
