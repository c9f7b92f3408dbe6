"""`export`: all that is kept of a user, as a tar archive that tar and Python read."""

import io
import json
import subprocess
import tarfile

import pytest
from commands import said
from gates import Gate
from relay import StorageRelay
from tenant import upload

SOUND = bytes(range(256)) * 2000


@pytest.fixture
def site(tenant):
    return tenant.responder(workers=4)


@pytest.fixture
def storage(stack):
    gate = Gate()
    with StorageRelay(stack, gate) as relay:
        yield relay
    gate.cut()


def contents(data):
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        return {each.name: archive.extractfile(each).read() for each in archive}


def test_archive_holds_rows_and_recordings(tenant, site, tmp_path):
    first = upload(site, SOUND, topic="Größe", key="once")
    second = upload(site, b"short")
    other = upload(site, b"another's", user="guest")
    site.stop()
    tenant.execute(
        'INSERT INTO transcripts (id, "sessionId", text) VALUES (%s, %s, %s)', "t", first, "said"
    )
    user = tenant.session(first)["userId"]
    tenant.bucket.client.put_object(
        Bucket=tenant.bucket.name, Key=f"sessions/{user}/{first}/chunks/../%1", Body=b"chunk"
    )
    for session in (first, other):
        tenant.execute(
            "INSERT INTO sessions_fcgi.jobs (kind, \"sessionId\") VALUES ('publish', %s)", session
        )
        tenant.execute('INSERT INTO sessions_fcgi.webhooks ("sessionId") VALUES (%s)', session)
    # Of an upload that has left no session, and whose object is not below the user's prefix.
    tenant.execute(
        'INSERT INTO sessions_fcgi.uploads ("sessionId", "externalId", "startedAt")'
        " VALUES ('gone', 'demo', now())"
    )
    tenant.execute(
        'INSERT INTO sessions_fcgi.jobs (kind, "sessionId", "objectKey")'
        " VALUES ('delete', 'gone', 'old/place.webm')"
    )
    path = tmp_path / "demo.tar"
    told = tenant.command("export", "--user", "demo", "--to", path)
    assert "2 sessions, 3 objects" in told
    assert path.stat().st_mode & 0o777 == 0o600
    listed = subprocess.run(["tar", "-tf", path], capture_output=True, check=True)
    assert listed.stderr == b""
    files = contents(path.read_bytes())
    assert sorted(files) == sorted(listed.stdout.decode().split())
    assert json.loads(files["user.json"])["externalId"] == "demo"
    session = json.loads(files[f"sessions/{first}/session.json"])
    assert session["topic"] == "Größe" and session["transcript"]["text"] == "said"
    assert files[f"sessions/{first}/audio.webm"] == SOUND
    assert files[f"sessions/{second}/audio.webm"] == b"short"
    assert files[f"objects/{first}/chunks/%2E%2E/%251"] == b"chunk"
    assert json.loads(files[f"uploads/{first}.json"])["idempotencyKey"] == "once"
    left = [json.loads(files[name]) for name in files if name.split("/")[0] in ("jobs", "webhooks")]
    assert [row["sessionId"] for row in left] == [first, "gone", first]
    assert len(files) == 8 + 1 + len(left)


def test_file_that_is_there_and_user_that_is_not(tenant, site, tmp_path):
    upload(site)
    path = tmp_path / "demo.tar"
    path.write_bytes(b"somebody else's")
    finished = tenant.run("export", "--user", "demo", "--to", path)
    assert finished.returncode == 1 and "there already" in said(finished)
    assert path.read_bytes() == b"somebody else's"
    finished = tenant.run("export", "--user", "nobody", "--to", tmp_path / "none.tar")
    assert finished.returncode == 1 and "no such user" in said(finished)
    assert [each.name for each in tmp_path.iterdir()] == ["demo.tar"]


def test_name_and_size_that_need_pax_records(tenant, site):
    name = "x" * 150
    session = upload(site)
    tenant.execute("UPDATE speaking_sessions SET id = %s WHERE id = %s", name, session)
    finished = tenant.run("export", "--user", "demo", "--to", "-")
    assert finished.returncode == 0, said(finished)
    assert contents(finished.stdout)[f"sessions/{name}/audio.webm"] == b"not really sound"
    listed = subprocess.run(["tar", "-t"], input=finished.stdout, capture_output=True, check=True)
    assert f"sessions/{name}/audio.webm" in listed.stdout.decode().split()


def test_recording_that_the_store_does_not_have_is_named(tenant, site):
    kept, lost = upload(site, SOUND), upload(site)
    tenant.bucket.delete(tenant.session(lost)["audioUrl"])
    finished = tenant.run("export", "--user", "demo", "--to", "-")
    assert finished.returncode == 3 and f"session without its object: {lost}" in said_of(finished)
    files = contents(finished.stdout)
    assert files[f"sessions/{kept}/audio.webm"] == SOUND
    assert f"sessions/{lost}/session.json" in files and f"sessions/{lost}/audio.webm" not in files


def said_of(finished):
    return finished.stderr.decode()


def cut_short(times):
    """The store's answers to so many GETs of a recording end in the middle."""
    left = [times]

    def spoil(method, real):
        if method != "GET" or not real or b"audio/webm" not in real or not left[0]:
            return None
        left[0] -= 1
        return real[: len(real) - len(real) // 2]

    return spoil


def test_recording_that_is_cut_off_is_gone_on_with(tenant, site, storage):
    session = upload(site, SOUND)
    storage.spoil = cut_short(2)
    finished = tenant.run("export", "--user", "demo", "--to", "-", R2_ENDPOINT=storage.endpoint)
    assert finished.returncode == 0, said_of(finished)
    assert contents(finished.stdout)[f"sessions/{session}/audio.webm"] == SOUND


def test_store_that_fails_leaves_no_file(tenant, site, storage, tmp_path):
    upload(site, SOUND)
    storage.spoil = lambda method, real: real and real[: len(real) // 2]
    path = tmp_path / "demo.tar"
    finished = tenant.run("export", "--user", "demo", "--to", path, R2_ENDPOINT=storage.endpoint)
    assert finished.returncode == 1 and "object storage" in said(finished)
    assert list(tmp_path.iterdir()) == []


def test_killed_export_leaves_no_file(tenant, site, storage, tmp_path):
    upload(site, SOUND)
    storage.gate.arm("GET /", "done")
    path = tmp_path / "demo.tar"
    settings = {**tenant.settings, "R2_ENDPOINT": storage.endpoint}
    process = subprocess.Popen(
        [tenant.stack.program, "export", "--user", "demo", "--to", path],
        env={name: str(value) for name, value in settings.items()},
    )
    assert storage.gate.reached.wait(20)
    process.kill()
    process.wait(20)
    assert list(tmp_path.iterdir()) == []
