"""A part of the stack: one child process that is started, watched, and stopped."""

import contextlib
import ctypes
import os
import signal
import subprocess
import time

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class Part:
    """A subclass says how: `name`, `command()`, and where they differ the rest.

    Must be started from the main thread: the kernel's parent-death signal follows the thread.
    """

    name = ""
    stop_signal = signal.SIGTERM
    stop_seconds = 10

    def __init__(self, run):
        self.run = run
        self.process = None
        self.started_at = 0.0

    # What a subclass says

    def prepare(self):
        """Writes the configuration; called once before the first start."""

    def command(self):
        raise NotImplementedError

    def environment(self):
        return plain_environment()

    def is_ready(self):
        raise NotImplementedError

    # What every part does

    def start(self):
        with open(self.run.log(self.name), "ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C at the terminal goes to the supervisor alone, which stops all in order.
                start_new_session=True,
                preexec_fn=dying_with_parent(self.stop_signal),
                cwd=self.run.path,
            )
        self.started_at = time.monotonic()

    def is_running(self):
        if self.process is None:
            return False
        if self.process.returncode is not None:
            return False
        died = os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if died is None:
            return True
        # What a killed master leaves behind (nginx's workers) still holds its port. While the
        # dead leader is not reaped, its group's number cannot be another's.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        return False

    def exit_description(self):
        code = self.process.returncode
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"

    def stop(self):
        if not self.is_running():
            return
        self.process.send_signal(self.stop_signal)
        deadline = time.monotonic() + self.stop_seconds
        while time.monotonic() < deadline:
            if not self.is_running():
                return
            time.sleep(0.02)
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def wait_until_ready(self, seconds):
        """True when it answers; False when it ended or the time is up."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.is_running():
                return False
            if self.is_ready():
                return True
            time.sleep(0.05)
        return False


def dying_with_parent(number):
    """For `preexec_fn`: the child gets that signal when its parent ends, however it ends."""
    parent = os.getpid()

    def prepare():
        _libc.prctl(PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def plain_environment():
    """What a part gets to see of ours: nothing that could change what it does."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR")
    return {name: os.environ[name] for name in kept if name in os.environ}
