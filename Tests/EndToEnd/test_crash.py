"""The program is killed (-9) at each step of POST and DELETE, and at random moments under load.

After a restart and a sweep, nothing is lost and nothing is left over.
"""

import os
import random
import secrets
import threading
import time

import pytest
from ledger import Ledger
from load import Load
from tenant import get

RECORDING_BYTES = 300_000
RANDOM_KILLS = int(os.environ.get("SOAK_KILLS", 10))
SOAK_SECONDS = int(os.environ.get("SOAK_SECONDS", 60))
KILLS_BETWEEN_CHECKS = 10


@pytest.fixture
def gated(tenant, ways):
    """A responder whose database and storage lie behind the gate."""
    return tenant.responder(workers=4, **ways)


def kill(site):
    site.process.kill()
    site.wait()


def restart(site):
    site.start()
    assert site.wait_until_ready(20), site.log_text()


def kill_at(site, gate, step, request):
    """Makes the request, kills the program when it is at that step, starts it again."""
    gate.arm(*step)
    thread = threading.Thread(target=request)
    thread.start()
    try:
        assert gate.reached.wait(20), f"never came to {step}: {site.log_text()}"
        kill(site)
    finally:
        gate.cut()
        thread.join()
    restart(site)


POST_STEPS = {
    "begin not sent": (("begin_upload", "asked"), None),
    "begin committed, unanswered": (("begin_upload", "done"), "FAILED"),
    "PUT connected": ((None, "connected"), "FAILED"),
    "PUT head sent": (("PUT /", "asked"), "FAILED"),
    "PUT half sent": (("PUT /", "half"), "FAILED"),
    "PUT stored, unanswered": (("PUT /", "done"), "FAILED"),
    "PUT answered, finish not sent": (("finish_upload", "asked"), "FAILED"),
    "finish sent": (("finish_upload", "sent"), None),
    "finish committed, unanswered": (("finish_upload", "done"), "UPLOADED"),
}


@pytest.mark.parametrize("step, outcome", POST_STEPS.values(), ids=POST_STEPS)
def test_killed_in_a_post(tenant, gated, gate, step, outcome):
    ledger = Ledger(tenant)
    answers = []
    recording = secrets.token_bytes(RECORDING_BYTES)
    kill_at(gated, gate, step, lambda: answers.append(ledger.upload(gated, recording)))
    assert answers == [None]
    ledger.settle([gated])
    statuses = [status for status, _ in tenant.sessions().values()]
    if step[1] == "sent":
        assert statuses in (["UPLOADED"], ["FAILED"])
    else:
        assert statuses == ([outcome] if outcome else [])
    assert ledger.upload(gated, b"afterwards").status_code == 201
    ledger.settle()


DELETE = 'DELETE FROM "public".speaking_sessions'
DELETE_STEPS = {
    "statement not sent": ((DELETE, "asked"), "UPLOADED", None),
    "row gone, unanswered": ((DELETE, "done"), None, None),
    "storage asked": (("DELETE /", "asked"), None, None),
    "object gone, unanswered": (("DELETE /", "done"), None, None),
    # Jobs are removed after the answer, those of many deletions at once.
    "object gone, job not removed": (("DELETE FROM sessions_fcgi.jobs", "asked"), None, 200),
    "job removed, unanswered": (("DELETE FROM sessions_fcgi.jobs", "done"), None, 200),
}


@pytest.mark.parametrize("step, outcome, status", DELETE_STEPS.values(), ids=DELETE_STEPS)
def test_killed_in_a_delete(tenant, gated, gate, step, outcome, status):
    ledger = Ledger(tenant)
    kept = ledger.upload(gated, b"kept").json()["id"]
    session = ledger.upload(gated, b"to go").json()["id"]
    answers = []
    kill_at(gated, gate, step, lambda: answers.append(ledger.delete(gated, session)))
    assert [answer and answer.status_code for answer in answers] == [status]
    ledger.settle([gated])
    assert tenant.sessions().get(session, (None,))[0] == outcome
    assert tenant.sessions()[kept][0] == "UPLOADED"


@pytest.mark.parametrize("statement", ["begin_upload", "finish_upload", DELETE])
def test_answer_of_the_database_lost(tenant, gated, gate, statement):
    """The program lives; only the connection ends between the commit and its answer."""
    ledger = Ledger(tenant)
    session = ledger.upload(gated, b"kept").json()["id"]
    answers = []

    def request():
        if statement == DELETE:
            answers.append(ledger.delete(gated, session))
        else:
            answers.append(ledger.upload(gated, b"answer lost"))

    gate.arm(statement, "done")
    thread = threading.Thread(target=request)
    thread.start()
    assert gate.reached.wait(20), gated.log_text()
    gate.cut()
    thread.join()
    # Only the end of an upload can be repeated without knowing what came of it.
    assert answers[0].status_code == (201 if statement == "finish_upload" else 503)
    ledger.settle([gated])


def test_killed_at_random_moments_under_load(tenant):
    """SOAK_KILLS times, for SOAK_SECONDS at most; scripts/soak gives it more of both."""
    deadline = time.monotonic() + SOAK_SECONDS
    ledger = Ledger(tenant)
    # Uploads that take longer than this are given up while they run: that must do no harm either.
    site = tenant.responder(workers=8, UPLOAD_TIMEOUT_SECONDS=3)
    kills = 0
    while kills < RANDOM_KILLS and time.monotonic() < deadline:
        with Load(ledger, site):
            for _ in range(min(KILLS_BETWEEN_CHECKS, RANDOM_KILLS - kills)):
                time.sleep(random.uniform(0.02, 1))
                kill(site)
                kills += 1
                restart(site)
            time.sleep(random.uniform(0, 1))
        ledger.settle([site])
        print(f"{kills} kills, {len(ledger.uploaded)} uploads, {len(ledger.deleted)} deletions")
    assert ledger.uploaded and ledger.deleted
    assert get(site).status_code == 200
