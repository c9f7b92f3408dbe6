"""`sweep --compare`: the bucket beside the tables, and what may be done about the difference."""

import re
import subprocess
import threading

import pytest
from commands import said
from gates import Gate
from relay import StorageRelay
from tenant import post, upload
from test_memory import peak_memory

from stack.part import plain_environment


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


class LargeBucket(StorageRelay):
    """A store that says to have so many objects, a thousand on a page, and looks who asks."""

    count, process, peak = 0, None, 0

    def _exchange(self, client, head, rest):
        # What it had before exec is in no VmHWM, and what it ever had would be in a getrusage.
        self.peak = peak_memory(self.process.pid)
        found = re.search(rb"continuation-token=(\d+)", head.split(b"\r\n", 1)[0])
        start = int(found[1]) if found else 0
        end = min(start + 1000, self.count)
        objects = "".join(
            f"<Contents><Key>{orphan(f'{number:09}')}</Key><Size>5</Size>"
            "<LastModified>2020-01-01T00:00:00.000Z</LastModified></Contents>"
            for number in range(start, end)
        )
        more = f"<NextContinuationToken>{end}</NextContinuationToken>" if end < self.count else ""
        body = (
            f"<ListBucketResult>{objects}<IsTruncated>{'true' if more else 'false'}</IsTruncated>"
            f"{more}</ListBucketResult>"
        ).encode()
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        return True


@pytest.mark.parametrize(
    "sessions", ["'corphan' || lpad(n::text, 9, '0') || 'x'", "'d' || n"], ids=["between", "after"]
)
def test_memory_does_not_grow_with_the_keys_of_either_side(tenant, stack, tmp_path, sessions):
    """Of which 25,000 would take from 3 MB to 8."""
    tenant.execute("INSERT INTO users VALUES ('u', 'demo', NULL, NULL, now(), now())")
    peaks = []
    with LargeBucket(stack, Gate()) as bucket:
        for bucket.count in (2000, 25_000):
            tenant.execute("TRUNCATE speaking_sessions CASCADE")
            tenant.execute(
                'INSERT INTO speaking_sessions (id, "userId", status, "audioUrl", "updatedAt")'
                " SELECT id, 'u', 'UPLOADED', 'sessions/u/' || id || '/audio.webm', now()"
                f" FROM generate_series(1, %s) AS n, LATERAL (SELECT {sessions} AS id) AS made",
                bucket.count,
            )  # fmt: skip
            told = compare_large(tenant, bucket, tmp_path / "told")
            counts = "of {0} objects {0} have no session; {0} sessions have no object"
            assert counts.format(bucket.count) in told
            peaks.append(bucket.peak)
    assert peaks[1] < peaks[0] + (2 << 20), peaks


def compare_large(tenant, bucket, told):
    settings = {**plain_environment(), **tenant.settings, "R2_ENDPOINT": bucket.endpoint}
    command = [tenant.stack.program, "sweep", "--compare"]
    with open(told, "wb") as output:
        bucket.process = subprocess.Popen(
            command, env=settings, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        try:
            assert bucket.process.wait(120) == 0, told.read_text()[-1000:]
        finally:
            bucket.process.kill()
    return told.read_text()


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
