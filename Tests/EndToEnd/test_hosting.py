"""What docs/shared-hosting.md and docs/deployment.md tell to run, which is in scripts/hosting."""

import contextlib
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from client import Client
from front_ends import HOSTING, Apache
from lifecycle import live_through
from private_stack import PASSWORD
from waiting import wait_until

from stack.directory import ROOT
from stack.part import plain_environment

MIB = 1024 * 1024


# docs/shared-hosting.md


def blocks(document):
    return re.findall(r"```sh\n(.*?)```", (ROOT / document).read_text(), re.DOTALL)


class Guided(Apache):
    """Apache, with a home directory that its owner made by following the guide."""

    name = "guided"
    user = f"guided-{secrets.token_hex(6)}"  # other tests on this stack have a demo

    def install(self):
        copy, try_out, *_ = blocks("docs/shared-hosting.md")
        assert "$(openssl passwd -6)" in try_out and "'demo:%s" in try_out
        try_out = try_out.replace("'demo:", f"'{self.user}:")
        bundle = self.run.subdirectory("bundle")
        command = [ROOT / "scripts" / "packaging" / "bundle", self.program, bundle]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        self.follow(copy, bundle)
        given = {"DATABASE_URL", *(name for name in self.settings if name.startswith("R2_"))}
        settings = self.path / "sessions-fcgi" / "env"
        for name in given:
            # As their owner fills them in; what the template does not have is added.
            line, value = re.compile(rf"^{name}=.*$", re.MULTILINE), self.settings[name]
            text = settings.read_text()
            assert line.search(text) or name in {"R2_ENDPOINT", "R2_CA_FILE"}
            settings.write_text(f"{line.sub('', text)}{name}={value}\n")
        self.said = self.follow(
            try_out.replace("$(openssl passwd -6)", f"$(openssl passwd -6 {PASSWORD})")
        )

    def follow(self, lines, place=ROOT):
        environment = {**plain_environment(), "HOME": str(self.path)}
        finished = subprocess.run(
            ["bash", "-euc", lines], cwd=place, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert finished.returncode == 0, finished.stderr
        return finished.stdout

    def add_user(self, name):
        """The guide has made one."""


def test_shared_hosting_guide(stack, sites):
    front = sites.front_end(Guided)
    assert "storage: fine" in front.said
    assert (front.path / "sessions-fcgi" / "env").stat().st_mode & 0o777 == 0o600
    live_through(Client(front.url, front.user), MIB)


def test_line_for_cron_does_its_work_and_says_nothing(stack, sites):
    front = sites.front_end(Guided)
    [line] = [
        line for line in (HOSTING / "home/sessions-fcgi/crontab").read_text().splitlines()
        if line and not line.startswith("#")
    ]  # fmt: skip
    command = line.split(maxsplit=5)[5]
    assert "sweep" in command and front.follow(command) == ""
    # What went wrong is said, and cron mails it.
    (front.path / "sessions-fcgi" / "env").write_text("")
    with pytest.raises(AssertionError, match="DATABASE_URL is not set"):
        front.follow(command)


def test_apaches_own_failures_are_told_as_nginxs_are():
    """Each status by the page of the same name, in the same words."""
    web_root = HOSTING / "home" / "public_html"
    named = (web_root / "api" / ".htaccess").read_text()
    pages = re.findall(r"(?m)^ErrorDocument (\d+) /(\S+)$", named)
    assert {"401", "403", "404", "413", "500", "502", "503", "504"} <= {page[0] for page in pages}
    nginx = (ROOT / "nginx" / "error-pages.conf").read_text()
    lines = re.findall(r"(?m)^error_page ([0-9 ]+?)[ =]+/_sessions/error/([a-z-]+);$", nginx)
    names = {status: name for statuses, name in lines for status in statuses.split()}
    texts = (ROOT / "nginx" / "errors.conf").read_text()
    for status, page in pages:
        assert Path(page).stem == names[status]
        assert f"'{(web_root / page).read_text().strip()}';" in texts


# spawn-fcgi and multiwatch


class Spawned:
    """The program as scripts/hosting/spawn starts it, by root or by anybody else."""

    def __init__(self, stack, by_root):
        self.place = stack.path / f"spawned-{time.monotonic_ns()}"
        self.place.mkdir(mode=0o755)
        # Root makes a directory that is not there.
        self.run = self.place / "run" if by_root else self.place
        self.socket, self.log = self.run / "s.sock", self.run / "log"
        self.by_root = by_root
        self.account = "nobody" if by_root else "www-data"
        # The stack's own files may lie where these accounts do not get to.
        program, authorities = self.place / "sessions-fcgi", self.place / "ca.pem"
        shutil.copy(stack.program, program)
        shutil.copyfile(stack.settings["R2_CA_FILE"], authorities)
        settings = {**stack.settings, "R2_CA_FILE": authorities}
        self.env_file = self.place / "env"
        self.env_file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        self.variables = {
            "PROGRAM": program, "SETTINGS": self.env_file, "SOCKET": self.socket,
            "PID_FILE": self.run / "pid", "LOG": self.log, "ACCOUNT": self.account,
        }  # fmt: skip

    def start(self, **variables):
        given = {**plain_environment(), **self.variables, **variables}
        as_account = ["setpriv", "--reuid", self.account, "--regid", self.account, "--init-groups"]
        subprocess.run(["chown", "-R", f"{self.account}:", self.place], check=True)
        return subprocess.run(
            [*([] if self.by_root else as_account), HOSTING / "spawn"],
            env={name: str(value) for name, value in given.items()},
            capture_output=True, timeout=20,
        )  # fmt: skip

    @property
    def pid(self):
        return int((self.run / "pid").read_text())

    def children(self):
        return Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()

    def is_running(self):
        with contextlib.suppress(FileNotFoundError):
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        return False

    def stop(self):
        os.kill(self.pid, signal.SIGTERM)
        wait_until(lambda: not self.is_running(), "the end of what was spawned")

    def remove(self):
        # What could not start has no number, or none that still runs.
        with contextlib.suppress(FileNotFoundError, ValueError, ProcessLookupError):
            os.killpg(os.getpgid(self.pid), signal.SIGKILL)
        shutil.rmtree(self.place)


@pytest.fixture(params=[True, False], ids=["root", "plain user"])
def spawned(request, stack):
    if os.geteuid() != 0:
        pytest.skip("becoming other accounts takes root")
    spawned = Spawned(stack, request.param)
    yield spawned
    spawned.remove()


@pytest.mark.parametrize("processes", [1, 2])
def test_spawned(spawned, sites, processes):
    started = spawned.start(PROCESSES=processes)
    assert started.returncode == 0, started.stderr
    account = pwd.getpwnam(spawned.account)
    found = spawned.socket.stat()
    web_group = pwd.getpwnam("www-data").pw_gid
    assert (found.st_mode & 0o777, found.st_uid, found.st_gid) == (0o660, account.pw_uid, web_group)
    assert Path(f"/proc/{spawned.pid}").stat().st_uid == account.pw_uid
    front = sites.nginx(spawned.socket)
    user = sites.stranger(front)
    live_through(user, 50 * MIB if processes == 1 else MIB)
    if processes > 1:
        wait_until(lambda: len(spawned.children()) == processes, "the processes")
        killed = spawned.children()[0]
        os.kill(int(killed), signal.SIGKILL)
        wait_until(
            lambda: len(spawned.children()) == processes and killed not in spawned.children(),
            "another process in the place of the killed one",
        )
        assert user.get().status_code == 200
    # As long as nginx keeps a connection, the program does not end.
    front.stop()
    spawned.stop()


def test_spawned_says_in_its_log_why_it_cannot_start(spawned):
    spawned.env_file.write_text("")
    spawned.start()
    log = spawned.log
    wait_until(lambda: log.exists() and "DATABASE_URL is not set" in log.read_text(), "the cause")
