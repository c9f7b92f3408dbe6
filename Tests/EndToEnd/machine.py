"""A disposable machine: this one's files with a layer over them that goes with it, systemd of its
own, and this one's network. Whatever is installed or started there leaves nothing behind.
"""

import subprocess

import pytest
from waiting import wait_until

# The kernel's settings (/proc/sys) are this machine's, so they can only be read.
BOOT = """
layer=$0 root=$0/root files=$1
mount -t tmpfs tmpfs $layer
mkdir $layer/upper $layer/work $root
mount -t overlay -o lowerdir=$files,upperdir=$layer/upper,workdir=$layer/work overlay $root
mount -t proc proc $root/proc
mount --bind $root/proc/sys $root/proc/sys
mount -o remount,bind,ro $root/proc/sys
mount -t sysfs -o ro sysfs $root/sys
mount -t tmpfs tmpfs $root/sys/fs/cgroup
mount -t cgroup2 cgroup2 $root/sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs $root/run
mount -t tmpfs -o mode=1777 tmpfs $root/tmp
mount --bind /dev $root/dev
# Not chroot(2), in which the kernel refuses name spaces of users.
cd $root
pivot_root . mnt
umount --lazy /mnt
# As systemd expects of a container: credentials are mounted beside a service, and have to reach it.
mount --make-rshared /
exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  /lib/systemd/systemd --unit=basic.target
"""
NAMESPACES = ["--mount", "--uts", "--ipc", "--pid", "--cgroup"]


class Machine:
    def __init__(self, layer, files="/"):
        boot = ["bash", "-ec", BOOT, str(layer), files]
        self.process = subprocess.Popen(
            ["unshare", *NAMESPACES, "--fork", "--kill-child", *boot],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def __enter__(self):
        try:
            wait_until(self._is_up, "systemd is up", seconds=60)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def _is_up(self):
        if self.process.poll() is not None:
            pytest.fail("it did not come up: " + self.process.stdout.read().decode())
        if not self._first():
            return False
        state = self.run("systemctl", "is-system-running", check=False).stdout.strip()
        return state in ("running", "degraded")

    def _first(self):
        """Its first process, once it is there."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
            return file.read().strip()

    def run(self, *command, check=True, input=None, seconds=120):
        """Runs it there as root; what it said is one text."""
        enter = ["nsenter", f"--target={self._first()}", *NAMESPACES, "--root", "--wd"]
        finished = subprocess.run(
            [*enter, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", *map(str, command)],
            input=input.encode() if isinstance(input, str) else input or b"",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds,
            start_new_session=True,
        )  # fmt: skip
        finished.stdout = finished.stdout.decode(errors="replace")
        if check and finished.returncode != 0:
            journal = self.run("journalctl", "--no-pager", "--lines=30", check=False).stdout
            pytest.fail(f"{command} ended with {finished.returncode}: {finished.stdout}\n{journal}")
        return finished

    def path(self, path):
        """Where a file of its is to be found from here."""
        return f"/proc/{self._first()}/root{path}"

    def write(self, path, content):
        """Owner and mode of a file that is there already stay."""
        self.run("sh", "-c", 'cat > "$0"', path, input=content)
