"""What was measured, as tables in Markdown and as JSON."""

import datetime
import os
import platform
import subprocess
from pathlib import Path
from statistics import median

from stack.directory import ROOT

TITLES = {
    "list": "list of 10 of 200, 8 clients",
    "post": "POST of 100 KB",
    "delete": "DELETE",
    "post_large": "POST of 50 MiB",
    "cgi": "list as CGI",
    "version": "--version",
    "started": "started and healthy",
    "at_once": "{at_onces} x 50 MiB at once",
}
PART_TITLES = {
    "backend": "backend",
    "nginx": "nginx",
    "postgres": "PostgreSQL",
    "sum": "all three",
    "wall": "wall",
    "memory": "RSS, MiB",
}
# How often of the floor's, and in milliseconds or MiB.
RATIO_GOALS = {
    ("list", "backend"): 1.5, ("list", "sum"): 1.15, ("post", "backend"): 1.2,
    ("post", "postgres"): 2, ("delete", "backend"): 1.5, ("delete", "postgres"): 2,
    ("post_large", "backend"): 1.1,
}  # fmt: skip
GOALS = {
    ("started", "memory"): 18, ("at_once", "memory"): 26, ("cgi", "backend"): 20,
    ("version", "backend"): 8,
}  # fmt: skip


def machine():
    models = [
        line.split(":", 1)[1].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "kernel": platform.release().split("-")[0],
        "date": datetime.date.today().isoformat(),
        "load": os.getloadavg()[0],
        "commit": _said("git", "-C", ROOT, "rev-parse", "--short", "HEAD"),
        "nginx": _said("/usr/sbin/nginx", "-v").removeprefix("nginx version: "),
    }


def _said(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError:
        return ""
    return (done.stdout + done.stderr).strip()


def tables(results):
    return "\n\n".join([setting(results), costs(results), goals(results)])


def setting(results):
    found = results["machine"]
    return (
        f"{found['processor']}, {found['cores']} cores, Linux {found['kernel']}, {found['nginx']};"
        f" load {found['load']:.1f} at the beginning; {found['date']};"
        f" {results['rounds']} rounds of {results['requests']} lists"
    )


def costs(results):
    """A row for each work and part: medians, in brackets minima."""
    names = results["peers"]
    head = [
        "CPU, ms a request, median (minimum)", "", *names.values(), "ours : floor, minima",
        "by rounds",
    ]  # fmt: skip
    rows = []
    for work, title in TITLES.items():
        peers = results["samples"].get(work, {})
        for part in (part for part in PART_TITLES if part in next(iter(peers.values()), {})):
            cells = [_cell(peers.get(name, {}).get(part)) for name in names]
            rows.append([
                title.format(**results), PART_TITLES[part], *cells, *_against_floor(peers, part)
            ])  # fmt: skip
    return markdown([head, *rows])


def _cell(numbers):
    return f"{number(median(numbers))} ({number(min(numbers))})" if numbers else "-"


def number(value):
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 10 else f"{value:.0f}"


def _against_floor(peers, part):
    try:
        ours, floor = peers["ours"][part], peers["floor"][part]
    except KeyError:
        return ["-", "-"]
    rounds = [one / other for one, other in zip(ours, floor, strict=True)]
    return [f"{min(ours) / min(floor):.2f}", f"{min(rounds):.2f} to {max(rounds):.2f}"]


def goals(results):
    rows = [["goal", "", "at most", "is"]]
    for (work, part), most in {**RATIO_GOALS, **GOALS}.items():
        peers = results["samples"].get(work, {})
        found = _goal_value(peers, part, (work, part) in RATIO_GOALS)
        if found is None:
            continue
        unit = " x floor" if (work, part) in RATIO_GOALS else " MiB" if part == "memory" else " ms"
        verdict = "holds" if found <= most else "DOES NOT HOLD"
        rows.append([
            TITLES[work].format(**results), PART_TITLES[part], f"{most}{unit}",
            f"{found:.2f}: {verdict}",
        ])  # fmt: skip
    return markdown(rows)


def _goal_value(peers, part, is_ratio):
    """By the minima: what else the machine did only ever adds."""
    try:
        found = min(peers["ours"][part])
        return found / min(peers["floor"][part]) if is_ratio else found
    except KeyError:
        return None


def markdown(rows):
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
