"""The units of systemd: sound, and restarted in turn without a trace."""

import os
import threading
import time
from pathlib import Path

import administration
import fastcgi
import pytest
from client import Client
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
        while not self.stopped.is_set():
            began = time.monotonic()
            self.answers.append((began, self.ask().status_code))

    def answered_since(self, moment):
        """Answers to requests that began after that moment."""
        return sum(began > moment for began, _ in self.answers)

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
    statuses = {status for asker in (kept, new) for _, status in asker.answers}
    assert statuses == {200}


def restart_under_an_upload(manager, user, askers, db):
    """Restarts whoever has the upload; what begins after the order to stop ends before it."""
    size = 300_000 + int(UPLOAD_SECONDS * 2 * DRIP_BYTES_PER_SECOND)
    body, content_type = form(audio(b"x" * size), text("duration", "1"))
    sent = 50_000
    with Peer(manager.socket) as peer:
        administration.begin_upload(peer, user, body, content_type, sent)
        service = holder_of_an_upload(manager)
        service.begin_to_stop()
        stop = time.monotonic()
        # On its way for so long, and until everybody was served beside it.
        while time.monotonic() < stop + UPLOAD_SECONDS or not are_served(askers, stop):
            assert time.monotonic() < stop + UPLOAD_SECONDS + 20, "the others wait for the upload"
            peer.send(record(STDIN, body[sent : sent + DRIP_BYTES_PER_SECOND // 20]))
            sent += DRIP_BYTES_PER_SECOND // 20
            time.sleep(0.05)
        assert service.process.poll() is None, service.log.read_text()
        peer.send(stream(STDIN, body[sent:]))
        assert peer.answer().status_code == 201
    assert service.end() == 0, service.log.read_text()
    service.start()
    assert db.session_count(user) == 1


def are_served(askers, moment):
    return all(asker.answered_since(moment) > 50 for asker in askers)


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
