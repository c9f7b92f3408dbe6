"""Memory stays flat: what a file needs is on the disk."""

import re
import subprocess
import threading
from pathlib import Path

import pytest
from client import Client
from forms import audio, form, text
from gates import Gate
from relay import StorageRelay

from stack.part import plain_environment

pytestmark = pytest.mark.alone  # memory and disk that the neighbours' tests would wait for
MIB = 1 << 20
FILE_BYTES = 50 * MIB


def peak_memory(pid):
    """The most that the process ever had in memory, in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise LookupError("no VmHWM")


@pytest.mark.parametrize(
    ("count", "workers", "most_mib"), [(1, 32, 32), (16, 32, 32), (32, 32, 64), (32, 16, 40)]
)
def test_uploads_of_50_mib_at_once(sites, db, count, workers, most_mib):
    """Those that find no worker wait for one, and none is turned away."""
    client = sites.client(workers=workers)
    body, content_type = form(audio(bytes(FILE_BYTES)), text("duration", "1"))
    statuses = []

    def upload():
        one = Client(client.url, client.user)
        headers = {"Content-Type": content_type}
        response = one.request("POST", "/api/sessions", data=body, headers=headers, timeout=300)
        statuses.append(response.status_code)

    threads = [threading.Thread(target=upload) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    peak = peak_memory(client.responder.process.pid)
    print(f"{count} uploads of 50 MiB at once: peak {peak / MIB:.1f} MiB")
    assert statuses == [201] * count
    assert peak <= most_mib * MIB
    assert client.responder.temporary_files() == []


# sweep --compare


class LargeBucket(StorageRelay):
    """A store that says to have so many objects, a thousand on a page, and looks who asks."""

    count, process, peak = 0, None, 0

    def _exchange(self, client, head, rest):
        # VmHWM begins with exec; what wait4 tells at the end contains Python's own from before.
        self.peak = peak_memory(self.process.pid)
        found = re.search(rb"continuation-token=(\d+)", head.split(b"\r\n", 1)[0])
        start = int(found[1]) if found else 0
        end = min(start + 1000, self.count)
        objects = "".join(
            f"<Contents><Key>sessions/u/corphan{number:09}/audio.webm</Key><Size>5</Size>"
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
    "sessions",
    ["'corphan' || lpad(n::text, 9, '0') || 'x'", "'d' || n", "'clost' || n"],
    ids=["between", "after", "before"],
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
