"""Debian systems in directories, fresh from debootstrap."""

import shutil
import subprocess


def install_debian(suite, root, *packages):
    """Whether that suite is served."""
    more = [f"--include={','.join(packages)}"] if packages else []
    command = ["debootstrap", "--variant=minbase", *more, suite, root]
    return subprocess.run(command, capture_output=True, timeout=900).returncode == 0


def run_in(root, *command, seconds=600):
    """As its root, and with this machine's network."""
    shutil.copy("/etc/resolv.conf", root / "etc")
    finished = subprocess.run(
        ["chroot", root, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", *command],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stdout[-2000:] + finished.stderr[-2000:]
