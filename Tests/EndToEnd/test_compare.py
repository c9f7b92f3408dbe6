"""`sweep --compare`: the bucket beside the tables, and what may be done about the difference."""

import re
import threading

import pytest
from commands import said
from gates import Gate
from relay import StorageRelay
from tenant import post, upload


@pytest.fixture
def site(tenant):
    return tenant.responder(workers=4)


@pytest.fixture
def storage(stack):
    """The store, in whose listings every object is years old."""
    gate = Gate()
    with StorageRelay(stack, gate) as relay:
        relay.spoil = years_ago
        yield relay
    gate.cut()


def years_ago(method, real):
    old = real and re.sub(rb"<LastModified>\d{4}-", b"<LastModified>2020-", real)
    return None if old == real else old


@pytest.fixture
def compare(tenant, storage):
    """Runs `sweep` where every object is old; its status and what it said."""

    def compare(*options):
        finished = tenant.run("sweep", *options, R2_ENDPOINT=storage.endpoint)
        return finished.returncode, said(finished)

    return compare


def put(tenant, key):
    tenant.bucket.client.put_object(Bucket=tenant.bucket.name, Key=key, Body=b"sound")
    return key


def orphan(number=1):
    return f"sessions/u/corphan{number}/audio.webm"


def state(tenant):
    rows = tenant.execute("SELECT to_jsonb(s) FROM speaking_sessions s ORDER BY id").fetchall()
    return sorted(tenant.bucket.keys()), rows, tenant.jobs()


def test_what_has_no_counterpart_is_listed_and_left(tenant, site):
    complete, lost = upload(site), upload(site)
    tenant.bucket.delete(tenant.session(lost)["audioUrl"])
    key = put(tenant, orphan())
    before = state(tenant)
    told = tenant.command("sweep", "--compare")
    assert f"object without a session: {key}" in told
    assert f"session without its object: {lost}" in told
    assert "of 2 objects 1 have no session; 1 sessions have no object" in told
    assert "lifecycle rule" in told
    assert complete not in told
    assert state(tenant) == before


def test_both_sides_are_merged_in_the_order_of_their_keys(tenant, site):
    sessions = sorted((upload(site) for _ in range(8)), key=lambda s: tenant.session(s)["audioUrl"])
    lost = {sessions[0], sessions[3], sessions[4], sessions[7]}
    for session in lost:
        tenant.bucket.delete(tenant.session(session)["audioUrl"])
    # Before, between and after them; in the order of the bytes upper case comes first.
    user = tenant.session(sessions[0])["userId"]
    orphans = {
        put(tenant, f"sessions/{name}/corphan/audio.webm")
        for name in ("A", "Z", "zz", "~", "é", "\U0001f3a4", user)
    }
    # Two sessions may have one recording; one may have an id of any text.
    tenant.execute(
        'INSERT INTO speaking_sessions (id, "userId", "audioUrl", "updatedAt")'
        ' SELECT new, "userId", coalesce(key, "audioUrl"), now() FROM speaking_sessions,'
        " (VALUES ('twin', NULL), (%s, 'sessions/Q')) AS made (new, key) WHERE id = %s",
        'a"b\\c,{}', sessions[1],
    )  # fmt: skip
    told = tenant.command("sweep", "--compare").splitlines()
    assert {line.split(": ")[1] for line in told if line.startswith("object ")} == orphans
    missing = {line.split(": ")[1] for line in told if line.startswith("session ")}
    assert missing == lost | {'a"b\\c,{}'}
    assert "of 11 objects 7 have no session; 5 sessions have no object" in told


def test_all_is_well(tenant, site):
    upload(site)
    told = tenant.command("sweep", "--compare")
    assert "of 1 objects 0 have no session; 0 sessions have no object" in told


def test_session_whose_recording_the_app_has_removed_is_no_loss(tenant, site):
    session = upload(site)
    tenant.bucket.delete(tenant.session(session)["audioUrl"])
    tenant.execute('UPDATE speaking_sessions SET "audioDeletedAt" = now()')
    assert "0 sessions have no object" in tenant.command("sweep", "--compare")


@pytest.mark.parametrize(
    "key",
    [
        "other/u/corphan1/audio.webm",
        "sessions-old/u/corphan1/audio.webm",
        "sessions/corphan1/audio.webm",
        "sessions/u/corphan1/more/audio.webm",
        "sessions/u//audio.webm",
        "backup/sessions/u/corphan1/audio.webm",
    ],
)
def test_key_that_is_not_ours_is_left_alone(tenant, compare, key):
    put(tenant, key)
    status, told = compare("--remove-orphans", "--force")
    assert status == 0 and "of 0 objects" in told and key not in told
    assert tenant.bucket.keys() == [key]


@pytest.mark.parametrize("deleted", [False, True], ids=["row", "only the job"])
def test_upload_in_progress_is_no_orphan(tenant, storage, compare, deleted):
    site = tenant.responder(R2_ENDPOINT=storage.endpoint)
    storage.gate.arm("PUT /", "done")
    thread = threading.Thread(target=post, args=[site])
    thread.start()
    try:
        assert storage.gate.reached.wait(20), site.log_text()
        if deleted:
            tenant.execute("DELETE FROM speaking_sessions")
        (key,) = tenant.bucket.keys()
        status, told = compare("--remove-orphans", "--force")
        assert status == 0 and "of 1 objects 0 have no session" in told, told
        assert tenant.bucket.keys() == [key]
    finally:
        storage.gate.resume()
        thread.join()


# Removing them


def test_young_orphan_is_not_removed(tenant):
    key = put(tenant, orphan())
    told = tenant.command("sweep", "--remove-orphans", "--force")
    assert f"object without a session: {key}" in told and "deleted 0 objects" in told
    assert tenant.bucket.keys() == [key]


@pytest.fixture
def sessions(tenant, site):
    """Nine sessions with their objects; their keys."""
    for _ in range(9):
        upload(site)
    return sorted(tenant.bucket.keys())


def test_tenth_of_the_objects_is_removed_and_no_row(tenant, sessions, compare):
    tenant.bucket.delete(sessions[0])
    put(tenant, sessions[0].replace("/audio.", "/other."))  # the tenth object is of a session
    put(tenant, orphan())
    rows = tenant.sessions()
    status, told = compare("--remove-orphans")
    assert status == 0 and "deleted 1 objects" in told, told
    left = tenant.bucket.keys()
    assert orphan() not in left and len(left) == 9
    assert told.count("session without its object") == 1
    assert tenant.sessions() == rows


def test_more_than_a_tenth_needs_force(tenant, sessions, compare):
    put(tenant, orphan(1))
    put(tenant, orphan(2))
    before = state(tenant)
    for options in (["--remove-orphans"], ["--remove-orphans", "--dry-run"]):
        status, told = compare(*options)
        assert status == 1 and "2 of 11 objects" in told and "--force" in told, told
        assert state(tenant) == before
    status, told = compare("--remove-orphans", "--force", "--dry-run")
    assert status == 0 and "would delete 2 objects" in told
    assert state(tenant) == before
    status, told = compare("--remove-orphans", "--force")
    assert status == 0 and "deleted 2 objects" in told
    assert state(tenant) == (sessions, *before[1:])
