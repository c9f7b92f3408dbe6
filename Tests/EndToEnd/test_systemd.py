"""The units of systemd: sound, and restarted in turn without a trace."""

import os
import threading
import time
from itertools import takewhile
from pathlib import Path

import administration
import fastcgi
import pytest
from client import Client
from documents import block
from fastcgi import STDIN, Peer, record, stream
from forms import audio, form, text
from service_manager import Installation, ServiceManager
from waiting import wait_until

# How many restarts, and how long an upload holds each of them up.
RESTARTS = int(os.environ.get("SOAK_RESTARTS", "2"))
UPLOAD_SECONDS = float(os.environ.get("SOAK_UPLOAD_SECONDS", "0"))
# Above UPLOAD_MIN_BYTES_PER_SECOND.
DRIP_BYTES_PER_SECOND = 10_000


@pytest.fixture(scope="module")
def installation(stack):
    """Not below pytest's own directory, where nobody else may look."""
    root = Path(stack.path) / "installation"
    root.mkdir()
    # Others may read it where it is; where it comes from they may not get to.
    authority = root / "ca.pem"
    authority.write_bytes(Path(stack.settings["R2_CA_FILE"]).read_bytes())
    return Installation(root, stack.program, {**stack.settings, "R2_CA_FILE": str(authority)})


@pytest.fixture
def manager(installation):
    manager = ServiceManager(installation)
    try:
        yield manager
    finally:
        manager.stop()


def unit_names(installation):
    units = installation.at("/usr/lib/systemd/system")
    names = {path.name for path in units.iterdir() if not path.is_dir()}
    templates = {name for name in names if "@" in name}
    return sorted(names - templates), [name.replace("@", "@check") for name in sorted(templates)]


def test_systemd_has_nothing_to_complain_of(installation):
    names, instances = unit_names(installation)
    finished = installation.run("systemd-analyze", "verify", *names, *instances, timeout=60)
    assert (finished.returncode, finished.stderr) == (0, "")


def test_services_are_hardened(installation):
    _, instances = unit_names(installation)
    assert len(instances) == 3
    # In tenths, of 100: the exposure that systemd sees.
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=19"]
    finished = installation.run(*command, *instances, timeout=60)
    assert finished.returncode == 0, finished.stdout[-200:]


class Asker:
    """Asks without end, one request after the other."""

    def __init__(self, ask):
        self.ask = ask
        self.answers = []
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def _run(self):
        # With a rest, so that an hour of it is no load.
        while not self.stopped.wait(0.01):
            began = time.monotonic()
            status = self.ask().status_code
            self.answers.append((began, time.monotonic() - began, status))

    def answered_since(self, moment):
        """Answers to requests that began after that moment: all before them have theirs."""
        return sum(1 for _ in takewhile(lambda answer: answer[0] > moment, reversed(self.answers)))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join()


def test_restarts_in_turn_lose_nothing_and_keep_nobody_waiting(manager, sites, db):
    for service in manager.services:
        service.start()
    front = sites.nginx(manager.socket)
    client = Client(front.url, "demo")
    # nginx has connections that the one that stops still serves; a new one is for the other.
    with Asker(client.get) as kept, Asker(lambda: fastcgi.ask(manager.socket)) as new:
        for number in range(RESTARTS):
            restart_under_an_upload(manager, f"restarted-{number}", [kept, new], db)
    answers = [*kept.answers, *new.answers]
    failed = [status for _, _, status in answers if status != 200]
    longest = max(seconds for _, seconds, _ in answers)
    print(
        f"{RESTARTS} restarts, each under an upload of {UPLOAD_SECONDS} s: {len(answers)} requests,"
        f" {len(failed)} failed; the longest took {longest:.2f} s"
    )
    assert failed == []


def restart_under_an_upload(manager, user, askers, db):
    """Restarts whoever has the upload; what begins after the order to stop ends before it."""
    size = 300_000 + int(UPLOAD_SECONDS * 2 * DRIP_BYTES_PER_SECOND)
    body, content_type = form(audio(b"x" * size), text("duration", "1"))
    sent = 50_000
    with Peer(manager.socket) as peer:
        administration.begin_upload(peer, user, body, content_type, sent)
        service = holder_of_an_upload(manager)
        service.begin_to_stop()
        # On its way for so long, and until all who asked meanwhile have their answers.
        over = time.monotonic() + UPLOAD_SECONDS
        while not all(asker.answered_since(over) > 20 for asker in askers):
            assert time.monotonic() < over + 20, "the others wait for the upload"
            peer.send(record(STDIN, body[sent : sent + DRIP_BYTES_PER_SECOND // 20]))
            sent += DRIP_BYTES_PER_SECOND // 20
            time.sleep(0.05)
        assert service.process.poll() is None, service.log.read_text()
        peer.send(stream(STDIN, body[sent:]))
        assert peer.answer().status_code == 201
    assert service.end() == 0, service.log.read_text()
    service.start()
    assert db.session_count(user) == 1


def holder_of_an_upload(manager):
    def holders():
        name = "sessions_fcgi_uploads_in_flight"
        return [s for s in manager.services if administration.metrics(s.admin)(name) > 0]

    wait_until(holders, "an instance has the upload")
    [holder] = holders()
    return holder


def test_the_manager_hears_of_life_and_of_the_end(manager):
    service = manager.services[0]
    service.start()
    wait_until(lambda: service.has_said("WATCHDOG=1"), "a sign of life")
    assert fastcgi.ask(manager.socket).status_code == 200
    service.begin_to_stop()
    # --drain-seconds, and some for the rest.
    assert service.has_said("EXTEND_TIMEOUT_USEC=250000000")
    assert service.end() == 0


def test_commands_by_hand_have_the_settings_of_the_units(installation):
    finished = installation.run("/usr/sbin/sessions-fcgi-admin", "check", timeout=60)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "storage: fine" in finished.stdout


def test_what_the_caller_sets_comes_first(installation, stack, empty_database_url):
    """As who owns the tables has an address of their own. What an editor leaves is no secret."""

    def run(*command, input="", **given):
        environment = {**os.environ, **given}
        finished = installation.run(*command, env=environment, input=input, timeout=60)
        return finished.returncode, finished.stderr

    def status(**given):
        return run("/usr/sbin/sessions-fcgi-admin", "migrate", "--status", **given)

    backup = installation.at("/etc/sessions-fcgi/credentials/DATABASE_URL~")
    backup.write_text("short")
    # systemd passes over links, so they count for nobody.
    link = backup.with_name("PROCESS_SECRET")
    link.symlink_to(backup)
    address = Path(stack.path) / "address"
    address.write_text(empty_database_url)
    assert status() == (0, "")
    assert status(DATABASE_URL_FILE=str(address)) == (3, "")
    typed = block("docs/operations.md", "sh", "read -rsp")
    assert run("bash", "-euc", typed, input=empty_database_url + "\n") == (0, "")
    assert status(DATABASE_URL_FILE=str(address)) == (0, "")
    ended, told = status(R2_ENDPOINT="it's none")
    assert ended == 1 and "R2_ENDPOINT must begin" in told
    link.unlink()
    backup.unlink()


def test_program_of_the_timers(installation):
    """What the timers start is there, and says nothing where all is well."""
    for name in ("check", "sweep"):
        timer = installation.unit(f"sessions-fcgi-{name}.timer")
        unit = timer.last("Timer", "Unit")
        assert unit == f"sessions-fcgi-run@{name}.service"
        line = installation.unit(unit).last("Service", "ExecStart")
        _, *arguments = line.replace("%i", name).split()
        finished = installation.run("/usr/sbin/sessions-fcgi-admin", *arguments, timeout=60)
        assert (finished.returncode, finished.stdout, finished.stderr) == (0, "", "")
