"""What processes cost, and which of them listens: from /proc and their CPU clocks."""

import os
import time
from pathlib import Path

MIB = 1 << 20
TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")
CPUCLOCK_SCHED = 2
LISTENING_UNIX = "00010000"
LISTENING_TCP = "0A"


class WrongProcess(Exception):
    """What is measured would not be what was asked."""


def tree(pid):
    """The process and all that descend from it."""
    found = [pid]
    for process in found:
        for task in _entries(f"/proc/{process}/task"):
            try:
                found += map(int, (task / "children").read_text().split())
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found


def cpu_seconds(pid):
    """User and system time of the process, its threads and its descendants.

    Of those that live by their CPU clock, to the nanosecond; /proc/PID/stat, which counts in ticks
    of 10 ms, is asked only for the children that ended.
    """
    return sum(_clock(process) + _ended_children(process) for process in tree(pid))


def _clock(pid):
    """As clock_getcpuclockid(3) makes it."""
    try:
        return time.clock_gettime((~pid << 3) | CPUCLOCK_SCHED)
    except OSError:
        return 0.0


def _ended_children(pid):
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return 0.0
    fields = stat.rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) * TICK_SECONDS


def resident_mib(pid):
    return _memory_mib(pid, "VmRSS:")


def peak_mib(pid):
    """The most it ever had; of several processes the sum, with what they share in each."""
    return _memory_mib(pid, "VmHWM:")


def _memory_mib(pid, name):
    total = 0
    for process in tree(pid):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith(name):
                total += int(line.split()[1]) * 1024
    return total / MIB


# Who listens


def require_listener(pid, place):
    """Fails unless that process, or a child of it, and nobody else listens there."""
    inodes = _unix_inodes(place) if isinstance(place, Path) else _tcp_inodes(place)
    holders = _holders(inodes)
    if not holders or not holders <= set(tree(pid)):
        raise WrongProcess(f"process {pid} should listen at {place}; {sorted(holders)} do")


def _unix_inodes(path):
    lines = Path("/proc/net/unix").read_text().splitlines()[1:]
    rows = (line.split(None, 7) for line in lines)
    return {row[6] for row in rows if row[3] == LISTENING_UNIX and row[7:] == [str(path)]}


def _tcp_inodes(port):
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    rows = (line.split() for line in lines)
    place = f"0100007F:{port:04X}"
    return {row[9] for row in rows if row[1] == place and row[3] == LISTENING_TCP}


def _holders(inodes):
    sockets = {f"socket:[{inode}]" for inode in inodes}
    return {
        int(process.name)
        for process in Path("/proc").iterdir()
        if process.name.isdigit() and sockets & set(_targets(process / "fd"))
    }


def _targets(directory):
    for entry in _entries(directory):
        try:
            yield os.readlink(entry)
        except OSError:
            continue


def _entries(directory):
    try:
        return list(Path(directory).iterdir())
    except (FileNotFoundError, PermissionError, ProcessLookupError):
        return []
