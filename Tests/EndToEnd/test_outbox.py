"""The outbox: what has to be done after a session is gone, or its upload has failed, is done."""

import os
import re
import threading
import time

import psycopg
import pytest
from client import assert_error
from commands import said
from ledger import Ledger
from proxy import Proxy
from relay import StorageRelay
from tenant import delete, post, upload
from waiting import wait_until

PASSWORD = "app-test-password"


@pytest.fixture
def site(tenant):
    return tenant.responder(workers=4)


@pytest.fixture
def s3_proxy(stack):
    with Proxy("127.0.0.1", int(stack.env["R2_ENDPOINT"].rsplit(":", 1)[1])) as proxy:
        yield proxy


@pytest.fixture
def cut_site(tenant, s3_proxy):
    """A responder that reaches the store through a proxy."""
    return tenant.responder(workers=4, R2_ENDPOINT=f"https://localhost:{s3_proxy.port}")


@pytest.fixture
def gated(tenant, stack, gate):
    """A responder whose storage lies behind the gate."""
    with StorageRelay(stack, gate) as storage:
        yield tenant.responder(workers=4, R2_ENDPOINT=storage.endpoint)


def in_the_middle_of(gate, site, act, user="demo", moment="half"):
    """Stops an upload in the middle of its PUT, acts, lets it go on; its answer."""
    answers = []
    gate.arm("PUT /", moment)
    thread = threading.Thread(target=lambda: answers.append(post(site, bytes(200_000), user)))
    thread.start()
    try:
        assert gate.reached.wait(20), site.log_text()
        act()
    finally:
        gate.resume()
        thread.join()
    return answers[0]


# Deletions by the app


@pytest.fixture
def app(tenant):
    """The app's own role: it may do anything to its tables, and nothing in our schema."""
    role = f"app_{os.getpid()}_{time.monotonic_ns()}"
    with psycopg.connect(tenant.url_as("postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'")
        admin.execute(f"GRANT SELECT, DELETE ON users, speaking_sessions TO {role}")
        url = tenant.url_as(role, password=PASSWORD)
        with psycopg.connect(url, autocommit=True) as connection:
            yield connection
        admin.execute(f"DROP OWNED BY {role}")
        admin.execute(f"DROP ROLE {role}")


@pytest.mark.parametrize(
    "statement", ["DELETE FROM speaking_sessions", "DELETE FROM users"], ids=["row", "cascade"]
)
def test_deletion_by_the_app_removes_the_recording(tenant, site, app, statement):
    upload(site)
    site.stop()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("SELECT FROM sessions_fcgi.jobs")
    app.execute(statement)
    (job,) = tenant.jobs("delete")
    assert tenant.bucket.get(job["objectKey"])
    Ledger(tenant).settle()
    assert tenant.bucket.keys() == []


def test_serve_does_it_by_itself(tenant, site, app):
    upload(site)
    app.execute("DELETE FROM users")
    wait_until(lambda: not tenant.jobs() and not tenant.bucket.keys(), "the sweeper's turn", 30)


def test_deletion_that_is_rolled_back_leaves_no_job(tenant, site, app):
    upload(site)
    with pytest.raises(ZeroDivisionError), app.transaction():
        app.execute("DELETE FROM users")
        raise ZeroDivisionError
    assert tenant.jobs() == []
    Ledger(tenant).settle()
    assert len(tenant.bucket.keys()) == 1


def test_session_whose_recording_the_app_has_removed_leaves_no_job(tenant, site):
    session = upload(site)
    tenant.bucket.delete(tenant.session(session)["audioUrl"])
    tenant.execute('UPDATE speaking_sessions SET "audioDeletedAt" = now()')
    tenant.execute("DELETE FROM speaking_sessions")
    assert tenant.jobs() == []


# Storage that is down


def test_delete_while_storage_is_down(tenant, cut_site, s3_proxy):
    session = upload(cut_site)
    s3_proxy.set_mode("refuse")
    answer = delete(cut_site, session)
    assert answer.status_code == 200 and answer.json() == {"ok": True}
    assert tenant.session(session) is None
    assert len(tenant.bucket.keys()) == 1
    wait_until(lambda: tenant.jobs()[0]["attempts"] >= 1, "the job is tried", 30)
    s3_proxy.set_mode("forward")
    wait_until(lambda: not tenant.jobs() and not tenant.bucket.keys(), "storage is back", 60)


def test_failed_jobs_tell_their_story_and_wait_longer_each_time(tenant, cut_site, s3_proxy):
    session = upload(cut_site)
    s3_proxy.set_mode("refuse")
    delete(cut_site, session)
    cut_site.stop()
    waits = []
    for attempt in range(1, 5):
        finished = tenant.run("sweep", R2_ENDPOINT=f"https://localhost:{s3_proxy.port}")
        assert finished.returncode != 0 and "1 failed" in said(finished)
        (job,) = tenant.jobs()
        assert job["attempts"] >= attempt and job["lastError"]
        assert tenant.bucket.name not in job["lastError"]
        waits.append(
            tenant.value(
                "SELECT extract(epoch FROM \"dueAt\" - (clock_timestamp() AT TIME ZONE 'UTC'))"
                "::float FROM sessions_fcgi.jobs"
            )
        )
    # Half to one and a half times 5 s, doubled with each attempt: a fourfold step always shows.
    assert 0 < waits[0] < waits[2] and waits[1] < waits[3], waits
    Ledger(tenant).settle()


def test_jobs_that_fail_do_not_hold_up_those_of_another_kind(tenant, site):
    upload(site)
    # Nothing is configured to publish to, so each of these fails.
    tenant.execute(
        'INSERT INTO sessions_fcgi.jobs (kind, "sessionId", "dueAt")'
        " SELECT 'publish', 'c' || n, now() AT TIME ZONE 'UTC' - interval '1 day'"
        " FROM generate_series(1, 20) AS n"
    )
    tenant.execute("DELETE FROM speaking_sessions")
    wait_until(lambda: not tenant.bucket.keys(), "the recording is deleted", 30)


# An upload meets a deletion, or a sweeper


def test_session_deleted_while_its_upload_is_in_flight(tenant, gated, gate):
    def act():
        (session,) = tenant.sessions()
        assert delete(gated, session).status_code == 200

    assert_error(in_the_middle_of(gate, gated, act), 404, "SESSION_NOT_FOUND")
    Ledger(tenant).settle([gated])
    assert tenant.sessions() == {} and tenant.bucket.keys() == []


def test_user_deleted_by_the_app_while_an_upload_is_in_flight(tenant, gated, gate):
    answer = in_the_middle_of(gate, gated, lambda: tenant.execute("DELETE FROM users"))
    assert_error(answer, 404, "SESSION_NOT_FOUND")
    Ledger(tenant).settle([gated])
    assert tenant.bucket.keys() == []


def test_upload_given_up_by_a_sweeper_meanwhile(tenant, gated, gate):
    def act():
        time.sleep(1.1)
        assert "gave up 1 uploads" in tenant.command("sweep", UPLOAD_TIMEOUT_SECONDS=1)
        (session,) = tenant.sessions()
        assert tenant.session(session)["status"] == "FAILED"

    answer = in_the_middle_of(gate, gated, act)
    assert_error(answer, 503, "STORAGE_UNAVAILABLE")
    assert int(answer.headers["Retry-After"]) > 0
    Ledger(tenant).settle([gated])
    assert tenant.bucket.keys() == []


def test_upload_that_lands_after_its_job_was_done_leaves_no_recording(tenant, gated, gate):
    def act():
        time.sleep(1.1)
        assert "gave up 1 uploads" in tenant.command("sweep", UPLOAD_TIMEOUT_SECONDS=1)
        assert tenant.jobs() == []

    # The store dates a PUT by its beginning, so one that began before the deletion would lose.
    answer = in_the_middle_of(gate, gated, act, moment="asked")
    assert_error(answer, 503, "STORAGE_UNAVAILABLE")
    wait_until(lambda: not tenant.jobs() and not tenant.bucket.keys(), "all is gone", 30)


@pytest.mark.parametrize("text", ["", "k" * 5000], ids=["empty", "long"])
def test_text_that_is_no_key_does_not_stand_in_the_way_of_a_deletion(tenant, site, app, text):
    for session in (upload(site), upload(site)):
        tenant.execute('UPDATE speaking_sessions SET "audioUrl" = %s WHERE id = %s', text, session)
    assert delete(site, session).status_code == 200
    app.execute("DELETE FROM users")
    assert tenant.sessions() == {} and tenant.jobs() == []


def test_failed_upload_is_deleted_at_once_and_once_more_after_the_timeout(
    tenant, cut_site, s3_proxy
):
    s3_proxy.set_mode("cut")
    assert_error(post(cut_site), 503, "STORAGE_UNAVAILABLE")
    (job,) = tenant.jobs()
    s3_proxy.set_mode("forward")
    tenant.command("sweep", UPLOAD_TIMEOUT_SECONDS=900)
    assert tenant.jobs()[0]["id"] == job["id"], "a PUT may still land"
    # It lands: what was cut off on our side had arrived on the other.
    key = job["objectKey"]
    tenant.bucket.client.put_object(Bucket=tenant.bucket.name, Key=key, Body=b"late")
    tenant.age_job(901)
    tenant.command("sweep", UPLOAD_TIMEOUT_SECONDS=900)
    assert tenant.jobs() == [] and tenant.bucket.get(key) is None


# The trigger


def test_missing_trigger_is_told_and_repaired(tenant, site):
    drop = "DROP TRIGGER sessions_fcgi_deleted ON speaking_sessions"
    tenant.execute(drop)
    checked = tenant.run("check")
    assert checked.returncode != 0
    assert "trigger" in said(checked) and "migrate" in said(checked)
    status = tenant.run("migrate", "--status")
    assert status.returncode == 3 and "trigger" in said(status)
    second = tenant.responder()
    assert "trigger on speaking_sessions is missing" in second.log_text()
    tenant.command("migrate")
    tenant.command("check")
    upload(site)
    tenant.execute("DELETE FROM users")
    Ledger(tenant).settle()
    assert tenant.bucket.keys() == []


def test_our_own_delete_needs_no_trigger(tenant, cut_site, s3_proxy):
    session = upload(cut_site)
    tenant.execute("DROP TRIGGER sessions_fcgi_deleted ON speaking_sessions")
    s3_proxy.set_mode("refuse")
    assert delete(cut_site, session).status_code == 200
    assert len(tenant.jobs("delete")) == 1
    Ledger(tenant).settle()
    assert tenant.bucket.keys() == []


def test_uninstalling_leaves_the_app_its_tables(tenant, site):
    upload(site)
    site.stop()
    tenant.command("migrate", "--uninstall")
    assert tenant.value("SELECT to_regnamespace('sessions_fcgi')") is None
    assert tenant.value("SELECT count(*) FROM speaking_sessions") == 1
    tenant.execute("DELETE FROM users")
    tenant.command("migrate", "--uninstall")
    tenant.command("migrate")
    tenant.command("check")


# Telling the processing


def test_notification_when_a_recording_is_there(tenant, site):
    with psycopg.connect(tenant.database_url, autocommit=True) as listening:
        listening.execute("LISTEN session_uploaded")
        session = upload(site)
        assert [note.payload for note in listening.notifies(timeout=10, stop_after=1)] == [session]
        assert tenant.session(session)["status"] == "UPLOADED"


# The command sweep


def test_dry_run_changes_nothing(tenant, site, s3_proxy):
    upload(site)
    site.stop()
    tenant.execute("DELETE FROM speaking_sessions")
    before, keys = tenant.jobs(), tenant.bucket.keys()
    told = tenant.command("sweep", "--dry-run")
    assert "would give up 0 uploads and do 1 jobs" in told
    assert tenant.jobs() == before and tenant.bucket.keys() == keys
    told = tenant.command("sweep")
    assert "of 1 jobs 1 are done" in told
    assert tenant.jobs() == [] and tenant.bucket.keys() == []


@pytest.fixture
def many_jobs(tenant, site):
    """More jobs than a moment's work, whose objects were never there."""
    site.stop()
    tenant.execute(
        'INSERT INTO sessions_fcgi.jobs (kind, "sessionId", "objectKey")'
        " SELECT 'delete', 'c' || n, 'sessions/u/c' || n || '/audio.webm'"
        " FROM generate_series(1, 40) AS n"
    )
    return 40


def test_sweep_soon_leaves_a_store_that_is_down(tenant, many_jobs, s3_proxy):
    s3_proxy.set_mode("refuse")
    endpoint = f"https://localhost:{s3_proxy.port}"
    tenant.execute("UPDATE sessions_fcgi.jobs SET attempts = 1 WHERE mod(id, 2) = 0")
    finished = tenant.run("sweep", R2_ENDPOINT=endpoint)
    assert finished.returncode != 0
    assert f"5 failed, {many_jobs - 5} are left for the next time" in said(finished)
    # What has failed before is tried last, so nothing waits behind it for ever.
    tried = [job["attempts"] for job in tenant.jobs() if job["lastError"]]
    assert tried == [1] * 5
    assert f"of {many_jobs} jobs {many_jobs} are done" in tenant.command("sweep")


def test_two_sweepers_share_the_jobs(tenant, many_jobs):
    told = []
    threads = [
        threading.Thread(target=lambda: told.append(tenant.command("sweep"))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts = [int(re.search(r"(\d+) are done", text)[1]) for text in told]
    assert sum(counts) == many_jobs, told
    assert tenant.jobs() == []


def test_job_of_a_killed_sweeper_is_taken_over_at_once(tenant, cut_site, s3_proxy):
    upload(cut_site)
    s3_proxy.set_mode("hang")
    tenant.execute("DELETE FROM speaking_sessions")
    wait_until(lambda: tenant.free_job_count() == 0, "a sweeper has claimed it", 30)
    assert "1 are in other hands" in tenant.command("sweep")
    cut_site.process.kill()
    cut_site.wait()
    assert "1 are done" in tenant.command("sweep")
    assert tenant.jobs() == [] and tenant.bucket.keys() == []


def test_sigterm_while_a_job_waits_for_the_store(tenant, cut_site, s3_proxy):
    """The end waits for the job as it would for a request; then the job is anybody's again."""
    upload(cut_site)
    s3_proxy.set_mode("hang")
    tenant.execute("DELETE FROM speaking_sessions")
    wait_until(lambda: tenant.free_job_count() == 0, "the sweeper has claimed it", 30)
    assert cut_site.terminate() == 0, cut_site.log_text()
    assert "1 are done" in tenant.command("sweep")
    assert tenant.jobs() == [] and tenant.bucket.keys() == []


def test_end_of_the_program_forgets_what_was_deleted(tenant, site):
    assert delete(site, upload(site)).status_code == 200
    assert tenant.bucket.keys() == []
    assert site.terminate() == 0, site.log_text()
    assert tenant.jobs() == []


def test_uploads_are_forgotten_after_a_day(tenant, site):
    upload(site)
    tenant.age_upload(24 * 3600 - 60)
    tenant.command("sweep")
    assert tenant.value("SELECT count(*) FROM sessions_fcgi.uploads") == 1
    tenant.age_upload(120)
    tenant.command("sweep")
    assert tenant.value("SELECT count(*) FROM sessions_fcgi.uploads") == 0
