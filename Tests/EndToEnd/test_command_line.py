"""The program on a command line: its words, and what it says."""

import os
import subprocess

import fastcgi
import pytest
from commands import said

from stack.part import plain_environment


@pytest.mark.parametrize("name", [b"J\xf6rg", b"victim\xff", b"\xed\xa0\x80"])
def test_argument_that_is_not_utf8_is_refused(run, name):
    """Mended it would be another user's name."""
    finished = run("erase", "--user", os.fsdecode(name))
    assert finished.returncode == 2 and "not UTF-8" in said(finished)


@pytest.mark.parametrize("name", ["DATABASE_URL", "R2_SECRET_ACCESS_KEY", "TEMP_DIR"])
def test_setting_that_is_not_utf8_is_refused(run, name):
    """Mended it would be another one; what is no setting of ours is nobody's business."""
    odd = os.fsdecode(b"/tmp\xf6")
    finished = run("check", **{name: odd})
    assert finished.returncode != 0 and f"configuration: {name} is not UTF-8\n" in said(finished)
    assert run("check", LS_COLORS=odd).returncode == 0


def test_word_that_is_no_command_is_named(run):
    finished = run("sweeep", "--quiet")
    assert finished.returncode == 2 and "'sweeep'" in said(finished)


def redirected(how):
    """Words that start a program by a shell, which can close what Python would open again."""
    return ["sh", "-c", f'exec "$0" "$@" {how}']


@pytest.mark.parametrize(
    "words",
    ["--version", "--help", "help sweep", "check", "sweep", "migrate --status", "erase --user x"],
)
@pytest.mark.parametrize("output", [">/dev/full", ">&-"], ids=["full", "closed"])
def test_what_cannot_be_said_is_a_failure(stack, words, output):
    finished = subprocess.run(
        [*redirected(output), stack.program, *words.split()],
        env={**plain_environment(), **stack.settings},
        stderr=subprocess.PIPE,
        timeout=30,
    )
    assert finished.returncode == 1 and b"standard output" in finished.stderr


def test_closed_standard_descriptors_are_no_connections(sites):
    """FastCGI allows it. What is logged would go to whatever has got the number."""
    site = sites.responder(prefix=redirected("<&- >&- 2>&-"))
    assert fastcgi.ask(site.socket).status_code == 200
    numbers = [os.readlink(f"/proc/{site.process.pid}/fd/{number}") for number in range(3)]
    assert numbers == ["/", "/", "/"]
