"""The file of the socket that the program listens on, where others have theirs."""

import getpass
import grp
import os
import shutil
import socket
import subprocess
import time

import pytest
from commands import said

from stack.part import plain_environment


@pytest.fixture
def others_socket(tmp_path):
    """A socket on which somebody listens, and that the program may not connect to."""
    place = tmp_path / "others"
    place.mkdir()
    place.chmod(0o777)
    path = place / "sessions.sock"
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()
        path.chmod(0o000)
        yield path
    path.unlink(missing_ok=True)


def as_stranger(*command):
    """Root may connect to anything, so it becomes somebody who may only read."""
    if os.geteuid() != 0:
        return command
    strip = [
        "setpriv", "--reuid", "nobody", "--clear-groups",
        "--inh-caps", "-all,+dac_read_search", "--ambient-caps", "-all,+dac_read_search",
    ]  # fmt: skip
    return (*strip, "--", *command)


@pytest.mark.parametrize("option", ["--listen", "--admin-listen"])
def test_socket_of_another_user_stays(stack, others_socket, tmp_path, option):
    before = os.lstat(others_socket).st_ino
    listen = [] if option == "--listen" else ["--listen", "127.0.0.1:0"]
    command = as_stranger(str(stack.program), "serve", *listen, option, str(others_socket))
    environment = {**plain_environment(), **stack.settings, "TEMP_DIR": "/var/tmp"}
    finished = subprocess.run(command, env=environment, capture_output=True, timeout=20)
    assert finished.returncode == 1
    assert "whether another process listens on it is unknown" in said(finished)
    assert str(others_socket) in said(finished)
    assert os.lstat(others_socket).st_ino == before


# Whether the web server gets there, as `check --socket` says


@pytest.fixture
def place(stack):
    """A directory that everybody may pass through, unlike pytest's."""
    place = stack.path / f"reach-{time.monotonic_ns()}"
    place.mkdir(mode=0o755)
    yield place
    shutil.rmtree(place)


@pytest.fixture
def listening(place):
    """The path of a socket on which somebody listens."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place / "s.sock"))
        listener.listen()
        yield place / "s.sock"


def reach(run, path, user="www-data"):
    finished = run("check", "--socket", path, "--web-server-user", user)
    [line] = [line for line in said(finished).splitlines() if line.startswith("socket: ")]
    assert (finished.returncode == 0) == line.startswith("socket: fine")
    return line.removeprefix("socket: ")


def test_web_server_that_gets_to_the_socket(run, listening):
    listening.chmod(0o660)
    assert reach(run, listening, user=getpass.getuser()) == "fine"
    listening.chmod(0o606)
    assert "open to everybody on this machine" in reach(run, listening)
    as_root = [] if os.geteuid() == 0 else ["sudo"]
    subprocess.run([*as_root, "chgrp", "www-data", listening], check=True)
    listening.chmod(0o660)
    assert reach(run, listening) == "fine"


def test_web_server_that_does_not_get_to_the_socket(run, listening, place):
    listening.chmod(0o660)
    group = grp.getgrgid(listening.stat().st_gid).gr_name
    closed = f"NOT fine: www-data may not connect: its mode is 0660, its group {group}"
    assert reach(run, listening).startswith(closed)
    assert "there is no user nobody-knows" in reach(run, listening, user="nobody-knows")
    listening.chmod(0o666)
    place.chmod(0o750)
    assert f"may not pass through {place}, whose mode is 0750" in reach(run, listening)


def test_socket_that_leads_nowhere(run, place):
    assert "there is none" in reach(run, place / "none")
    (place / "file").touch()
    assert "a file of another kind" in reach(run, place / "file")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(place / "dead"))
    (place / "dead").chmod(0o666)
    assert "nobody listens" in reach(run, place / "dead")
