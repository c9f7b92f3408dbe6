"""The command line that scripts/run and scripts/stop end in."""

import argparse
import os
import signal
import subprocess
import sys
import time

from .directory import RunDirectory, StackError
from .nginx import USERS
from .supervisor import StopRequested, Supervisor

STOP_SECONDS = 90


def main():
    parser = argparse.ArgumentParser(prog="stack")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run")
    run.add_argument("--program", required=True)
    run.add_argument("--workers", type=int)
    run.add_argument("--detach", action="store_true")
    run.add_argument("--report", type=int, help=argparse.SUPPRESS)
    commands.add_parser("stop")
    commands.add_parser("refuse-if-running")
    options = parser.parse_args()
    directory = RunDirectory.from_environment()
    if options.command == "stop":
        stop(directory)
    elif options.command == "refuse-if-running":
        directory.refuse_if_running()
    elif options.detach:
        detach(directory, options)
    else:
        run_until_stopped(directory, options)


def port_from_environment():
    text = os.environ.get("PORT") or "8080"
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise StackError(f"PORT must be a number from 1 to 65535, not {text!r}")
    return int(text)


def run_until_stopped(directory, options):
    # The starting half of --detach reads its progress here; closed, it knows that we are up.
    report = os.fdopen(options.report, "w", buffering=1) if options.report else None

    def say(text):
        print(f"stack: {text}", file=report or sys.stdout, flush=True)

    port = port_from_environment()
    directory.acquire()
    supervisor = Supervisor(directory, port, options.program, options.workers, say=say)
    supervisor.catch_signals()
    try:
        supervisor.start()
        say(banner(supervisor))
        if report:
            say(READY)
            report.close()
            report = None
        supervisor.keep()
    except StopRequested:
        pass
    except StackError as error:
        say(error)
        sys.exit(1)
    except BrokenPipeError:
        report = None  # whoever started us is gone before we were up
    finally:
        supervisor.stop()


READY = "ready"


def banner(supervisor):
    users = ", ".join(f"{name}:{password}" for name, password in USERS.items())
    return (
        f"answers on {supervisor.nginx.url}/api/sessions (users {users})\n"
        f"stack: what outside tools need is in {supervisor.run.path / 'env'},"
        f" logs are in {supervisor.run.path / 'log'}"
    )


def detach(directory, options):
    directory.refuse_if_running()
    directory.path.mkdir(parents=True, exist_ok=True)
    log = directory.log("stack")
    read_end, write_end = os.pipe()
    with open(log, "ab") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "stack", "run", "--program", options.program,
             "--report", str(write_end)]
            + (["--workers", str(options.workers)] if options.workers else []),
            stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True, pass_fds=[write_end],
        )  # fmt: skip
    os.close(write_end)
    is_up = False
    for line in os.fdopen(read_end):
        if line == f"stack: {READY}\n":
            is_up = True
        else:
            print(line, end="", flush=True)
    if not is_up:
        child.wait()
        raise StackError(f"did not come up; logs are in {log.parent}")


def stop(directory):
    holder = directory.holder()
    if holder is None:
        print(f"stack: nothing is running in {directory.path}")
        return
    os.kill(holder, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while directory.holder() is not None:
        if time.monotonic() > deadline:
            raise StackError(f"process {holder} did not end within {STOP_SECONDS} s")
        time.sleep(0.05)
    print("stack: stopped")


if __name__ == "__main__":
    try:
        main()
    except StackError as error:
        sys.exit(f"stack: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
