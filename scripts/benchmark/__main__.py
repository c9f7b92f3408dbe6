"""The command line that scripts/bench ends in."""

import argparse
import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path

from stack.directory import StackError

from . import chart, report, works
from .peers import KINDS
from .processes import WrongProcess
from .rounds import Rounds
from .site import Site
from .works import WrongAnswer

RESTING_LOAD = 1.0


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench", allow_abbrev=False)
    parser.add_argument("--program", required=True, type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--output", required=True, type=Path, help="for bench.json and bench.svg")
    parser.add_argument("--peers", default=",".join(KINDS), help="of %(default)s")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--requests", type=int, default=2000, help="lists in a round")
    parser.add_argument("--minutes", type=float, default=10, help="begins no round beyond")
    options = parser.parse_args()
    names = options.peers.split(",")
    if not set(names) <= set(KINDS):
        parser.error(f"peers are {', '.join(KINDS)}")
    if not shutil.which("ab"):
        sys.exit("bench: ab is not installed (scripts/install load)")
    give_up_after(options.minutes * 60)
    warn_unless_at_rest()
    options.output.mkdir(parents=True, exist_ok=True)
    with Site(options.program, say) as site:
        results = measure(site, names, options)
    print(report.tables(results))
    (options.output / "bench.json").write_text(json.dumps(results, indent=1) + "\n")
    (options.output / "bench.svg").write_text(chart.svg(results))
    say(f"numbers and chart are in {options.output}")


def measure(site, names, options):
    started = time.monotonic()
    machine = report.machine()
    site.forms = works.make_forms(site.path)
    site.add_peers(names)
    rounds = Rounds(site, options.requests)
    rounds.fill()
    longest = 0.0
    for number in range(options.rounds):
        begun = time.monotonic()
        if begun + longest > started + options.minutes * 60:
            say(f"no time for more than {number} rounds")
            break
        rounds.run_one()
        longest = max(longest, time.monotonic() - begun)
        say(f"round {number + 1} of {options.rounds}: {time.monotonic() - begun:.0f} s")
    return {
        "machine": machine,
        "peers": {peer.name: peer.title for peer in site.peers},
        "left_out": site.left_out,
        "rounds": rounds.done,
        "requests": rounds.lists,
        "at_onces": rounds.at_onces,
        "samples": rounds.samples,
    }


def give_up_after(seconds):
    """Whatever hangs: the parts go with this process."""

    def give_up(*_):
        raise StackError("it took too long")

    signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds + 60)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def warn_unless_at_rest():
    load = os.getloadavg()[0]
    if load > RESTING_LOAD:
        say(f"the machine is not at rest (load {load:.2f}): CPU times will be higher than they are")


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        main()
    except (StackError, WrongAnswer, WrongProcess) as error:
        sys.exit(f"bench: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
