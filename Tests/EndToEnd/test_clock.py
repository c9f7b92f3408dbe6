"""A host whose clock is an hour off: uploads are refused, and those who look are told why."""

import secrets
from datetime import datetime, timedelta, timezone

import pytest
from certificates import make_certificate
from client import assert_error
from commands import said
from gates import Gate
from relay import StorageRelay
from tenant import get, post, upload

# The loader puts this machine's directory for libraries in the place of $LIB.
LIBRARY = "/usr/$LIB/faketime/libfaketimeMT.so.1"


def wrong_clock(offset):
    """Settings under which a program's clock is wrong by that much.

    Not the command `faketime`: it stays between us and the program, so our signals end with it.
    That one also names the shared memory; where nobody does, the library moves the environment,
    beside which Swift looks for the command line.
    """
    name = f"/sessions-test-{secrets.token_hex(6)}"
    return {
        "LD_PRELOAD": LIBRARY,
        "FAKETIME": offset,
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_SHARED": f"{name}-semaphore {name}-memory",
    }


@pytest.fixture
def old_storage(stack, tmp_path):
    """The store, with certificates older than an hour: settings that lead there."""
    authority = make_certificate(tmp_path / "ca")
    certificate = make_certificate(tmp_path / "server", authority)
    with StorageRelay(stack, Gate()) as relay:
        relay.certificate = (certificate.chain, certificate.key)
        yield {"R2_ENDPOINT": relay.endpoint, "R2_CA_FILE": authority.chain}


@pytest.fixture(params=["+1h", "-1h"], ids=["ahead", "behind"])
def clock(request, old_storage):
    return {**wrong_clock(request.param), **old_storage}


def test_upload_is_refused_and_the_log_says_why(tenant, clock):
    site = tenant.responder(**clock)
    assert_error(post(site), 503, "STORAGE_UNAVAILABLE")
    log = site.log_text()
    assert "RequestTimeTooSkewed" in log and "clock" in log, log
    ((status, key),) = tenant.sessions().values()
    assert (status, key) == ("FAILED", None)
    assert tenant.bucket.keys() == []


def test_check_names_the_clock(tenant, clock):
    checked = tenant.run("check", **clock)
    assert checked.returncode != 0
    lines = {line.split(":")[0]: line for line in said(checked).splitlines()}
    assert "NOT fine" in lines["database"] and "clock" in lines["database"], lines
    assert "NOT fine" in lines["storage"] and "clock" in lines["storage"], lines


def test_times_are_those_of_the_database(tenant, clock):
    before = datetime.now(timezone.utc)
    site = tenant.responder(**clock)
    post(site)
    (session,) = tenant.sessions()
    listed = get(site).json()["sessions"][0]["createdAt"]
    shown = get(site, f"/{session}").json()["createdAt"]
    assert listed == shown
    made = datetime.fromisoformat(shown.replace("Z", "+00:00"))
    leeway = timedelta(minutes=5)
    assert before - leeway < made < datetime.now(timezone.utc) + leeway


def test_ages_are_those_of_the_database(tenant):
    site = tenant.responder()
    upload(site)
    site.stop()
    tenant.age_upload(24 * 3600 - 1800)
    tenant.command("sweep", **wrong_clock("+1h"))
    assert tenant.value("SELECT count(*) FROM sessions_fcgi.uploads") == 1
    tenant.age_upload(1860)
    tenant.command("sweep", **wrong_clock("-1h"))
    assert tenant.value("SELECT count(*) FROM sessions_fcgi.uploads") == 0


def test_all_works_again_once_the_clock_is_right(tenant, clock):
    site = tenant.responder(**clock)
    assert_error(post(site), 503, "STORAGE_UNAVAILABLE")
    assert site.terminate() == 0
    site = tenant.responder()
    session = upload(site)
    tenant.sweep_until_no_job_is_left()
    assert tenant.session(session)["status"] == "UPLOADED"
    assert tenant.bucket.keys() == [tenant.session(session)["audioUrl"]]
