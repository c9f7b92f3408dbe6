"""webm.js: what it makes of a file, whole or cut off, as ffmpeg sees it."""

import subprocess
from pathlib import Path

import pytest
from probe import Probe

from stack.directory import ROOT

FIREFOX_WEBM = Path(__file__).with_name("firefox-recorded.webm").read_bytes()
INDEX = """
const { indexed } = await import(process.argv[1]);
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const given = new Blob([Buffer.concat(chunks)], { type: "audio/webm" });
const made = await indexed(given);
process.stdout.write(Buffer.from(await made.arrayBuffer()));
process.exitCode = made === given ? 3 : 0;
"""


def index(data):
    """The file that comes out, or None if it is left as it is."""
    command = ["node", "--input-type=module", "-e", INDEX]
    module = f"file://{ROOT}/nginx/html/assets/webm.js"
    done = subprocess.run([*command, module], input=data, capture_output=True)
    assert done.returncode in (0, 3), done.stderr
    return done.stdout if done.returncode == 0 else None


@pytest.mark.parametrize("cut", [0, 1, 100, 5000, 20000])
def test_file_that_was_cut_off_has_the_length_of_what_is_there(cut):
    data = FIREFOX_WEBM[: len(FIREFOX_WEBM) - cut]
    made = index(data)
    length = Probe(made).seconds
    assert abs(length - Probe(data).seconds) < 0.1
    shown = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", "-"],
        input=made, check=True, capture_output=True, text=False,
    )  # fmt: skip
    assert abs(float(shown.stdout) - length) < 0.1


def test_what_has_an_index_is_left_alone():
    assert index(index(FIREFOX_WEBM)) is None


@pytest.mark.parametrize("data", [
    b"", b"RIFF", FIREFOX_WEBM[:4], FIREFOX_WEBM[:50], FIREFOX_WEBM[:260],
    FIREFOX_WEBM[:43] + bytes(100), FIREFOX_WEBM[:4] + b"\xff" * 100,
], ids=["empty", "another", "4 bytes", "50 bytes", "no sound", "zeros", "ones"])  # fmt: skip
def test_what_is_no_recording_is_left_alone(data):
    assert index(data) is None
