"""The file of the socket that the program listens on, where others have theirs."""

import os
import socket
import subprocess

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
