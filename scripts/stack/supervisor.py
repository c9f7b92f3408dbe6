"""Starts the parts in order, starts again what dies, and stops all in the opposite order."""

import select
import shlex
import signal
import socket
import time

from .directory import StackError
from .nginx import USERS, Nginx
from .postgres import Postgres
from .responder import Responder
from .s3 import S3

READY_SECONDS = 60
FIRST_DELAY_SECONDS = 0.2
LAST_DELAY_SECONDS = 5.0
SETTLED_SECONDS = 10  # a part that ran this long begins again with the first delay


class Supervisor:
    def __init__(self, run, port, program, workers=None, users=USERS, say=print):
        self.run = run
        self.say = say
        self.postgres = Postgres(run)
        self.s3 = S3(run)
        self.settings = {
            "DATABASE_URL": self.postgres.url,
            "R2_ENDPOINT": self.s3.endpoint,
            "R2_BUCKET_NAME": self.s3.bucket,
            "R2_ACCESS_KEY_ID": self.s3.access_key_id,
            "R2_SECRET_ACCESS_KEY": self.s3.secret_access_key,
            "R2_CA_FILE": str(self.s3.certificates.ca),
        }
        admin = f"127.0.0.1:{run.port('admin')}"
        self.responder = Responder(run, program, self.settings, workers=workers, admin=admin)
        self.nginx = Nginx(run, port, self.responder.socket, users)
        self.nginx.storage = (self.s3.endpoint, self.s3.certificates.ca)
        self.parts = [self.postgres, self.s3, self.responder, self.nginx]
        self._delays = {}  # part: seconds to wait before it is started again
        self._due = {}  # part: when it is to be started again
        self._wakeup = None

    def start(self):
        """Returns when the whole answers through nginx."""
        self.nginx.prepare()
        self.postgres.prepare()
        self.s3.prepare()
        self.write_env()
        for part in (self.postgres, self.s3):
            self.say(f"starting {part.name}")
            part.start()
        self._await(self.postgres)
        self.postgres.ensure_database()
        self._await(self.s3)
        self.s3.ensure_bucket()
        self.say("migrating the database")
        self.responder.migrate()
        for part in (self.responder, self.nginx):
            self.say(f"starting {part.name}")
            part.start()
            self._await(part)

    def _await(self, part):
        if part.wait_until_ready(READY_SECONDS):
            return
        if part.is_running():
            what = f"{part.name} did not answer within {READY_SECONDS} s"
        else:
            what = f"{part.name} ended: {part.exit_description()}"
        log = self.run.log(part.name)
        lines = log.read_text(errors="replace").splitlines()[-10:]
        raise StackError("\n".join([what, *(f"  {line}" for line in lines), f"its log is {log}"]))

    def write_env(self):
        urls = {"BASE_URL": self.nginx.url, "ADMIN_URL": f"http://{self.responder.admin}"}
        values = {**self.settings, **urls}
        lines = [f"{name}={shlex.quote(value)}\n" for name, value in values.items()]
        self.run.write_private("env", "".join(lines))

    # Keeping it running

    def catch_signals(self):
        """From here on a signal ends `keep` (or a wait for readiness) instead of the process."""
        self._wakeup, write_end = socket.socketpair()
        self._wakeup.setblocking(False)
        write_end.setblocking(False)
        self._write_end = write_end
        signal.set_wakeup_fd(write_end.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)

    def _asked_to_stop(self, number, _frame):
        for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(ignored, signal.SIG_IGN)  # stopping is under way: not twice
        raise StopRequested

    def keep(self):
        """Until a signal asks to stop."""
        while True:
            now = time.monotonic()
            for part in self.parts:
                self._tend(part, now)
            pending = [max(0.0, due - now) for due in self._due.values()]
            select.select([self._wakeup], [], [], min([1.0, *pending]))
            try:
                while self._wakeup.recv(64):
                    pass
            except BlockingIOError:
                pass

    def _tend(self, part, now):
        if part in self._due:
            if now >= self._due[part]:
                del self._due[part]
                self.say(f"starting {part.name} again")
                part.start()
        elif not part.is_running():
            if now - part.started_at > SETTLED_SECONDS:
                self._delays.pop(part, None)
            delay = self._delays.get(part, FIRST_DELAY_SECONDS)
            self._delays[part] = min(2 * delay, LAST_DELAY_SECONDS)
            self._due[part] = now + delay
            self.say(f"{part.name} ended: {part.exit_description()}")

    def stop(self):
        for part in (self.nginx, self.responder, self.s3, self.postgres):
            if part.is_running():
                self.say(f"stopping {part.name}")
                part.stop()


class StopRequested(BaseException):
    """A signal asked the stack to stop."""
