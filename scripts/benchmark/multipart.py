"""scripts/bench --multipart: how fast the parser reads bodies, beside others that are installed."""

import importlib.util
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from stack.directory import ROOT

from .report import markdown

PEERS = ROOT / "Tests" / "Peers"
RECORDING = ROOT / "Tests" / "EndToEnd" / "browser" / "firefox-recorded.webm"
BOUNDARY = b"----WebKitFormBoundaryq3Ws8TtJ1dRvXb5Z"
BYTES = 16 * 1024 * 1024


def bodies():
    yield "random bytes", random.Random(1).randbytes(BYTES)
    yield "a recording (WebM/Opus), again and again", filled(RECORDING.read_bytes())
    yield "runs of CR", filled(b"\r")
    yield "the delimiter but for its last byte", filled(b"\r\n--" + BOUNDARY[:-1])


def filled(unit):
    return (unit * (BYTES // len(unit) + 1))[:BYTES]


def table(program, say):
    """GB/s of each parser for each body; those that are not installed are named."""
    columns = {}
    with tempfile.TemporaryDirectory(prefix="sessions-bench-") as directory:
        names, files = [], []
        for number, (name, body) in enumerate(bodies()):
            names.append(name)
            files.append(Path(directory, str(number)))
            files[-1].write_bytes(body)
        columns["sessions-fcgi"], columns["glibc's memmem"] = zip(
            *speeds([program, "parse"], files), strict=True
        )
        if shutil.which("go"):
            peer = Path(directory, "multipart")
            build = ["go", "build", "-o", peer, PEERS / "multipart.go"]
            subprocess.run(build, check=True, cwd=directory)
            columns["Go's mime/multipart"] = [speed for [speed] in speeds([peer], files)]
        else:
            say("left out: Go (golang-go)")
        if importlib.util.find_spec("python_multipart"):
            command = [sys.executable, PEERS / "parse_multipart.py"]
            columns["python-multipart"] = [speed for [speed] in speeds(command, files)]
        else:
            say("left out: python-multipart (pip install python-multipart)")
    rows = [
        [name, *(f"{speed:.3g}" for speed in row)]
        for name, *row in zip(names, *columns.values(), strict=True)
    ]
    return markdown([["GB/s", *columns], *rows])


def speeds(command, files):
    said = subprocess.run([*command, *files], check=True, capture_output=True, text=True).stdout
    return [[float(speed) for speed in line.split()] for line in said.splitlines()]


if __name__ == "__main__":
    print(table(sys.argv[1], lambda text: print(f"bench: {text}", file=sys.stderr)))
