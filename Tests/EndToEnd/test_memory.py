"""Memory stays flat: what a file needs is on the disk."""

import threading
from pathlib import Path

import pytest
from client import Client
from forms import audio, form, text

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
