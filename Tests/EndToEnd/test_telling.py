"""What cron, the journal and those who start the program read of it."""

import json
import os
import shutil
import subprocess
import tempfile

import pytest
from commands import said

from stack.part import plain_environment


def test_start_that_fails_is_a_line_of_the_log(run, tmp_path):
    socket = str(tmp_path / "socket")
    settings = {"R2_BUCKET_NAME": None, "LOG_FORMAT": "json"}
    finished = run("serve", "--listen", socket, **settings)
    assert finished.returncode == 1
    line = json.loads(finished.stderr)
    assert line["level"] == "critical" and "R2_BUCKET_NAME" in line["cause"]
    as_text = run("serve", "--listen", socket, **{**settings, "LOG_FORMAT": "text"})
    assert ' critical cannot serve cause="configuration: R2_BUCKET_NAME is not set' in said(as_text)


@pytest.mark.parametrize("is_journal", [True, False])
def test_lines_for_the_journal_begin_with_their_priority(stack, tmp_path, is_journal):
    reader, writer = os.pipe()
    status = os.fstat(writer)
    stream = f"{status.st_dev}:{status.st_ino + (not is_journal)}"
    environment = {**plain_environment(), **stack.settings, "JOURNAL_STREAM": stream}
    process = subprocess.Popen(
        [stack.program, "serve", "--listen", str(tmp_path / "socket")],
        env=environment,
        stderr=writer,
    )
    os.close(writer)
    with open(reader) as lines:
        ready = lines.readline()
        process.terminate()
        rest = lines.read()
    assert process.wait(20) == 0
    assert "ready version=" in ready
    notice = "<5>2" if is_journal else "2"
    assert all(line.startswith(notice) for line in [ready, *rest.splitlines()]), ready + rest


def test_group_that_may_not_be_given_is_named(stack):
    place = tempfile.mkdtemp(prefix="sessions-test-", dir="/var/tmp")
    try:
        os.chmod(place, 0o777)
        shutil.copy(stack.program, place)
        nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        finished = subprocess.run(
            [f"{place}/{stack.program.name}", "serve", "--listen", f"{place}/socket",
             "--socket-group", "root"],
            env={**plain_environment(), **stack.settings, "TEMP_DIR": place},
            capture_output=True, timeout=20, **nobody,
        )  # fmt: skip
    finally:
        shutil.rmtree(place)
    assert finished.returncode == 1
    assert "the socket cannot be given to the group root" in said(finished)


def test_quiet_commands_say_nothing_when_all_is_well(tenant):
    for command in ("check", "sweep"):
        assert tenant.command(command, "--quiet").strip() == ""
    wrong = tenant.run("check", "--quiet", R2_BUCKET_NAME="no-such-bucket")
    assert wrong.returncode == 1
    assert [line.split(":")[0] for line in said(wrong).splitlines()] == ["storage"]
    assert tenant.run("sweep", "--quiet", DATABASE_URL="x").returncode == 1
