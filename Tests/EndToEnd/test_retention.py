"""AUDIO_RETENTION_DAYS: recordings go after so many days, and their sessions say so."""

import pytest
from tenant import delete, get, upload
from waiting import wait_until


@pytest.fixture
def site(tenant):
    return tenant.responder(workers=4)


def age(tenant, days, *sessions):
    tenant.execute(
        'UPDATE speaking_sessions SET "createdAt" = "createdAt" - %s * interval \'1 day\''
        " WHERE id = ANY (%s)", days, list(sessions)
    )  # fmt: skip


def sweep(tenant, days=30, **settings):
    return tenant.command("sweep", AUDIO_RETENTION_DAYS=days, **settings)


def has_expired(tenant, session):
    row = tenant.session(session)
    is_stored = row["audioUrl"] in tenant.bucket.keys()  # noqa: SIM118
    assert is_stored == (row["audioDeletedAt"] is None)
    return not is_stored


def test_old_recordings_go_and_the_rest_of_the_session_stays(tenant, site):
    old, young = upload(site, topic="kept"), upload(site)
    age(tenant, 31, old)
    age(tenant, 29, young)
    assert "recordings have fallen due" not in tenant.command("sweep")
    assert not has_expired(tenant, old)
    assert "1 recordings have fallen due" in sweep(tenant)
    assert has_expired(tenant, old) and not has_expired(tenant, young)
    assert tenant.session(old)["topic"] == "kept" and tenant.jobs() == []
    shown = get(site, f"/{old}").json()
    assert shown["audioDeletedAt"] is not None and shown["updatedAt"] >= shown["audioDeletedAt"]
    answer = get(site, f"/{old}/audio")
    assert answer.status_code == 404 and answer.json()["code"] == "SESSION_NOT_FOUND"
    assert "0 recordings have fallen due" in sweep(tenant)
    assert delete(site, old).status_code == 200 and tenant.jobs() == []


def test_recording_that_the_app_works_on_stays(tenant, site):
    sessions = {status: upload(site) for status in ("TRANSCRIBING", "ANALYZING", "DONE", "FAILED")}
    for status, session in sessions.items():
        tenant.execute("UPDATE speaking_sessions SET status = %s WHERE id = %s", status, session)
    told = upload(site)
    tenant.execute(
        "INSERT INTO sessions_fcgi.jobs (kind, \"sessionId\") VALUES ('publish', %s)", told
    )
    age(tenant, 31, *sessions.values(), told)
    site.stop()
    assert "due" in tenant.run("sweep", AUDIO_RETENTION_DAYS=30).stdout.decode()
    expired = {status for status, session in sessions.items() if has_expired(tenant, session)}
    assert expired == {"DONE", "FAILED"} and not has_expired(tenant, told)
    tenant.run("sweep", AUDIO_RETENTION_DAYS=30, AUDIO_RETENTION_STATUSES="ANALYZING")
    assert has_expired(tenant, sessions["ANALYZING"])
    assert not has_expired(tenant, sessions["TRANSCRIBING"])


def test_session_that_is_taken_up_again_keeps_its_recording(tenant, site):
    session = upload(site)
    site.stop()
    tenant.execute(
        'INSERT INTO sessions_fcgi.jobs (kind, "sessionId", "objectKey")'
        " SELECT 'delete', id, \"audioUrl\" FROM speaking_sessions"
    )
    tenant.execute("UPDATE speaking_sessions SET status = 'TRANSCRIBING'")
    tenant.command("sweep")
    assert tenant.jobs() == [] and not has_expired(tenant, session)


def test_walk_goes_on_where_it_was_at_the_rate_that_is_set(tenant, site):
    sessions = sorted(upload(site) for _ in range(5))
    age(tenant, 31, *sessions)
    for count in (2, 4, 5):
        sweep(tenant, AUDIO_RETENTION_PER_HOUR=2)
        assert [has_expired(tenant, session) for session in sessions].count(True) == count
        position = tenant.value('SELECT "afterId" FROM sessions_fcgi.retention')
        assert position == (sessions[count - 1] if count < 5 else "")


def test_serve_does_it_by_itself(tenant, site):
    session = upload(site)
    age(tenant, 2, session)
    site.stop()
    tenant.responder(workers=4, AUDIO_RETENTION_DAYS=1)
    wait_until(lambda: tenant.session(session)["audioDeletedAt"], "the sweeper's turn", 30)
    assert has_expired(tenant, session)


def test_setting_that_makes_no_sense_stops_the_start(run):
    for value in ("0", "-1", "a week", "40000"):
        finished = run("sweep", AUDIO_RETENTION_DAYS=value)
        assert finished.returncode == 1
        assert b"AUDIO_RETENTION_DAYS must be a whole number from 1 to 36500" in finished.stderr


STEPS = {
    "not walked": ("expire_recordings", "asked"),
    "walked": ("expire_recordings", "done"),
    "object asked": ("DELETE /", "asked"),
    "object gone": ("DELETE /", "done"),
    "not said": ('SET "audioDeletedAt"', "asked"),
    "said, uncommitted": ('SET "audioDeletedAt"', "sent"),
    "said": ("COMMIT", "done"),
}
SAMPLE = ("walked", "object gone")


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(step, marks=[] if name in SAMPLE else [pytest.mark.soak], id=name)
        for name, step in STEPS.items()
    ],
)
def test_killed_at_each_step(tenant, site, ways, gate, step):
    """All of them in scripts/soak."""
    old, young = upload(site), upload(site)
    age(tenant, 31, old)
    site.stop()
    tenant.kill_at(gate, step, "sweep", **ways, AUDIO_RETENTION_DAYS=30)
    sweep(tenant)
    assert has_expired(tenant, old) and not has_expired(tenant, young)
    assert tenant.jobs() == []
