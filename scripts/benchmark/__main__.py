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
from .growth import Growth
from .load import Load
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
    modes = parser.add_mutually_exclusive_group()
    modes.add_argument("--growth", action="store_true", help="from few sessions to a million")
    modes.add_argument("--load", action="store_true", help="up to 1,000 clients, by ab and wrk")
    parser.add_argument("--seconds", type=int, default=10, help="for each of --load")
    options = parser.parse_args()
    names = options.peers.split(",")
    if not set(names) <= set(KINDS):
        parser.error(f"peers are {', '.join(KINDS)}")
    for tool in ("ab", "wrk") if options.load else ("ab",):
        if not shutil.which(tool):
            sys.exit(f"bench: {tool} is not installed (scripts/install load)")
    give_up_after(options.minutes * 60)
    warn_unless_at_rest()
    with Site(options.program, say) as site:
        if options.growth or options.load:
            print(alone(site, options))
            return
        results = measure(site, names, options)
    options.output.mkdir(parents=True, exist_ok=True)
    print(report.tables(results))
    (options.output / "bench.json").write_text(json.dumps(results, indent=1) + "\n")
    (options.output / "bench.svg").write_text(chart.svg(results))
    say(f"numbers and chart are in {options.output}")


def alone(site, options):
    """The modes that look at sessions-fcgi alone."""
    site.add_peers(["ours"])
    site.forms = works.make_forms(site.path)
    mode = Growth(site, options.requests) if options.growth else Load(site, options.seconds)
    mode.run(say)
    return mode.table()


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
