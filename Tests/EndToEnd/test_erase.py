"""`erase`: the end of a user, whatever stands in its way and whenever it is killed."""

import threading

import pytest
from commands import said
from tenant import post, upload
from waiting import wait_until


@pytest.fixture
def site(tenant):
    return tenant.responder(workers=4)


def erase(tenant, user="demo", **settings):
    """Runs it; its status and what it said."""
    finished = tenant.run("erase", "--user", user, UPLOAD_TIMEOUT_SECONDS=2, **settings)
    return finished.returncode, said(finished)


def remains(tenant, user_id, user="demo"):
    """All that names the user: objects, and rows by their text."""
    rows = [
        f"{table}: {row}"
        for table in (
            "users", "speaking_sessions", "transcripts", "insights",
            "sessions_fcgi.jobs", "sessions_fcgi.uploads",
        )
        for (row,) in tenant.execute(f"SELECT t::text FROM {table} AS t")
        if user_id in row or user in row
    ]  # fmt: skip
    return rows + [
        key for key in sorted(tenant.bucket.keys()) if key.startswith(f"sessions/{user_id}/")
    ]


def user_id(tenant, user="demo"):
    return tenant.value('SELECT id FROM users WHERE "externalId" = %s', user)


def tell_by_webhook(tenant, session):
    tenant.execute('INSERT INTO sessions_fcgi.webhooks ("sessionId") VALUES (%s)', session)


def to_be_told(tenant):
    return [row for (row,) in tenant.execute('SELECT "sessionId" FROM sessions_fcgi.webhooks')]


def put(tenant, key):
    tenant.bucket.client.put_object(Bucket=tenant.bucket.name, Key=key, Body=b"sound")


def test_nothing_names_the_user_and_others_stay(tenant, site):
    first, other = upload(site, key="once"), upload(site, user="guest")
    upload(site)
    site.stop()
    demo = user_id(tenant)
    put(tenant, f"sessions/{demo}/c1/chunks/0")
    put(tenant, "old/place.webm")
    tenant.execute('UPDATE speaking_sessions SET "audioUrl" = %s WHERE id = %s',
                   "old/place.webm", first)  # fmt: skip
    tenant.execute(
        "INSERT INTO sessions_fcgi.jobs (kind, \"sessionId\") VALUES ('publish', %s)", first
    )
    for session in (first, other):
        tell_by_webhook(tenant, session)
    status, told = erase(tenant)
    assert status == 0 and "deleted 2 sessions and 4 objects, forgot 2 uploads" in told, told
    assert remains(tenant, demo) == [] and tenant.jobs() == []
    assert list(tenant.sessions()) == [other]
    assert to_be_told(tenant) == [other]
    assert tenant.bucket.keys() == [tenant.session(other)["audioUrl"]]
    status, told = erase(tenant)
    assert status == 0 and "no such user" in told


def test_foreign_keys_are_told_before_it_begins(tenant, site):
    upload(site)
    demo = user_id(tenant)
    tenant.execute('CREATE TABLE consents ("userId" text REFERENCES users ON DELETE CASCADE)')
    tenant.execute(
        'CREATE TABLE notes ("sessionId" text REFERENCES speaking_sessions (id) ON DELETE SET NULL)'
    )
    tenant.execute("INSERT INTO consents SELECT id FROM users")
    tenant.execute("INSERT INTO notes SELECT id FROM speaking_sessions")
    told = tenant.command("erase", "--user", "demo", "--dry-run")
    lines = told.splitlines()
    assert "consents (userId) refers to users: its rows go, too (cascade)" in lines
    assert "notes (sessionId) refers to speaking_sessions: emptied (set null)" in lines
    assert user_id(tenant) == demo
    status, told = erase(tenant)
    assert status == 0 and told.splitlines()[:2] == lines[:2]
    assert remains(tenant, demo) == []
    assert tenant.value("SELECT count(*) FROM consents") == 0
    assert tenant.value('SELECT count(*) FROM notes WHERE "sessionId" IS NULL') == 1


def test_table_that_refuses_keeps_an_emptied_user(tenant, site):
    upload(site)
    demo = user_id(tenant)
    tenant.execute("UPDATE users SET email = 'd@example.com', \"displayName\" = 'Demo'")
    tenant.execute('CREATE TABLE invoices ("userId" text REFERENCES users)')
    tenant.execute("INSERT INTO invoices SELECT id FROM users")
    status, told = erase(tenant)
    assert status == 1 and "invoices refuses" in told
    (row,) = remains(tenant, demo)
    assert row.startswith("users: ")
    assert tenant.execute('SELECT email, "displayName" FROM users').fetchall() == [(None, None)]


@pytest.mark.parametrize("dropped", [(), ("promptUsed", "focusNext")])
def test_table_that_refuses_keeps_an_emptied_session(tenant, site, dropped):
    """Also where the app has dropped what only it writes."""
    for name in dropped:
        tenant.execute(f'ALTER TABLE speaking_sessions DROP COLUMN "{name}"')
    kept, gone = upload(site), upload(site)
    demo = user_id(tenant)
    tenant.execute('CREATE TABLE marks ("sessionId" text REFERENCES speaking_sessions (id))')
    tenant.execute("INSERT INTO marks VALUES (%s)", kept)
    texts = {"topic", "promptUsed", "errorMessage", "focusNext"} - {*dropped}
    written = ", ".join(f"\"{name}\" = 'secret'" for name in texts)
    tenant.execute(f"UPDATE speaking_sessions SET {written} WHERE id = %s", kept)
    tell_by_webhook(tenant, kept)
    status, told = erase(tenant)
    assert status == 1 and "marks refuses" in told
    row = tenant.session(kept)
    assert {row[name] for name in (*texts, "audioUrl")} == {None}
    assert tenant.session(gone) is None
    assert tenant.bucket.keys() == [] and tenant.jobs() == [] and len(remains(tenant, demo)) == 2
    assert to_be_told(tenant) == []


def test_upload_in_flight_ends_without_success(tenant, stack, gate, ways):
    site = tenant.responder(workers=4, **ways)
    answers, erased = [], []
    gate.arm("PUT /", "half")
    uploading = threading.Thread(target=lambda: answers.append(post(site, bytes(200_000))))
    uploading.start()
    assert gate.reached.wait(20), site.log_text()
    demo = user_id(tenant)
    erasing = threading.Thread(target=lambda: erased.append(erase(tenant)))
    erasing.start()
    wait_until(lambda: not tenant.sessions(), "its session is deleted")
    gate.resume()
    uploading.join()
    erasing.join()
    assert answers[0].status_code != 201
    assert erased[0][0] == 0, erased
    assert remains(tenant, demo) == []


def test_store_that_is_down_leaves_jobs_and_the_row_by_which_to_go_on(tenant, site, stack):
    upload(site)
    site.stop()
    demo = user_id(tenant)
    status, told = erase(tenant, R2_ENDPOINT="https://localhost:1")
    assert status == 1 and "1 objects could not be deleted" in told
    assert tenant.sessions() == {} and len(tenant.jobs("delete")) == 1
    assert erase(tenant)[0] == 0 and remains(tenant, demo) == []


DELETE_SESSIONS = 'DELETE FROM "public".speaking_sessions'
STEPS = {
    "sessions not deleted": (DELETE_SESSIONS, "asked"),
    "sessions deleted": (DELETE_SESSIONS, "done"),
    "uploads forgotten": ("DELETE FROM sessions_fcgi.uploads", "done"),
    "object asked": ("DELETE /", "asked"),
    "object gone": ("DELETE /", "done"),
    "job not removed": ("DELETE FROM sessions_fcgi.jobs WHERE id", "asked"),
    "job removed, uncommitted": ("DELETE FROM sessions_fcgi.jobs WHERE id", "sent"),
    "job removed": ("COMMIT", "done"),
    "listed": ("GET /", "done"),
    "objects' jobs not left": ("split_part", "asked"),
    "objects' jobs left": ("split_part", "done"),
    "user locked": ("users WHERE id = $1 FOR UPDATE", "sent"),
    "user not deleted": ('DELETE FROM "public".users', "asked"),
    "user deleted, uncommitted": ('DELETE FROM "public".users', "sent"),
}
SAMPLE = ("sessions deleted", "object gone", "user deleted, uncommitted")


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(step, marks=[] if name in SAMPLE else [pytest.mark.soak], id=name)
        for name, step in STEPS.items()
    ],
)
def test_killed_at_each_step(tenant, site, gate, ways, step):
    """All of them in scripts/soak."""
    upload(site, key="once")
    upload(site)
    other = upload(site, user="guest")
    site.stop()
    demo = user_id(tenant)
    put(tenant, f"sessions/{demo}/c1/chunks/0")
    settings = {**ways, "UPLOAD_TIMEOUT_SECONDS": 2}
    tenant.kill_at(gate, step, "erase", "--user", "demo", **settings)
    assert user_id(tenant) == demo
    status, told = erase(tenant)
    assert status == 0, told
    assert remains(tenant, demo) == [] and tenant.jobs() == []
    assert list(tenant.sessions()) == [other] and len(tenant.bucket.keys()) == 1
