"""The rounds: each work is asked of every peer by turns, so that what the machine does meanwhile
falls on all of them."""

import time

from . import works
from .processes import WrongProcess, peak_mib, resident_mib
from .works import CLIENTS, LARGE, SMALL, WRITER, require

PARTS = ("backend", "nginx", "postgres")
MOST_MEMORY_ROUNDS = 3  # it hardly varies, and 16 times 50 MiB take long
TURNS = ("start", "at_once", "warm_up", "list", "post", "delete", "post_large", "commands")
LOG_SECONDS = 5


class Rounds:
    def __init__(self, site, requests):
        self.site = site
        self.lists = requests
        self.posts = max(1, requests // 10)
        self.larges = max(1, requests // 500)
        self.at_onces = min(16, max(2, requests // 100))
        self.runs = max(1, requests // 200)
        self.done = 0
        self.samples = {}  # work: peer: part: a number for each round

    def fill(self):
        for peer in self.site.peers:
            works.fill(peer)

    def run_one(self):
        # Whoever comes first in one round comes last in the next.
        peers = self.site.peers
        peers = peers[self.done % len(peers) :] + peers[: self.done % len(peers)]
        for turn in TURNS:
            for peer in peers:
                getattr(self, f"_{turn}")(peer)
        for peer in peers:
            peer.stop()
        self.done += 1

    def _note(self, work, peer, **numbers):
        parts = self.samples.setdefault(work, {}).setdefault(peer.name, {})
        for part, number in numbers.items():
            parts.setdefault(part, []).append(number)

    # The turns

    def _start(self, peer):
        peer.start()
        self._note("started", peer, memory=resident_mib(peer.backend.process.pid))

    def _at_once(self, peer):
        """On a process that has done nothing else yet."""
        if self.done < MOST_MEMORY_ROUNDS:
            self._upload(peer, self.at_onces, LARGE, self.at_onces)
            self._note("at_once", peer, memory=peak_mib(peer.backend.process.pid))
            self._delete_all(peer)

    def _warm_up(self, peer):
        works.check_list(peer)
        works.list_sessions(peer, max(1, self.lists // 10))
        # Enough of them for each client's connections to be there, and their statements prepared.
        self._upload(peer, max(1, self.posts // 4), SMALL, CLIENTS)
        self._delete_all(peer)

    def _list(self, peer):
        self._measure("list", peer, self.lists, lambda: works.list_sessions(peer, self.lists))

    def _post(self, peer):
        self._upload(peer, self.posts, SMALL, CLIENTS, "post")

    def _delete(self, peer):
        self._delete_all(peer, "delete")

    def _post_large(self, peer):
        self._upload(peer, self.larges, LARGE, 1, "post_large")
        self._delete_all(peer)

    def _commands(self, peer):
        if peer.cgi:
            self._note("cgi", peer, backend=1000 * works.list_as_cgi(peer, self.runs))
        if peer.name == "ours":
            command = [self.site.program, "--version"]
            seconds = works.run_command(command, None, self.runs)[1]
            self._note("version", peer, backend=1000 * seconds)

    # What they have in common

    def _upload(self, peer, count, size, clients, work=None):
        before = works.uploaded(peer)
        form = self.site.forms[size]
        self._measure(work, peer, count, lambda: works.upload(peer, count, form, clients))
        new = {id: key for id, key in works.uploaded(peer).items() if id not in before}
        require(len(new) == count, f"{peer.name} has {len(new)} new sessions of {count}")
        objects = self.site.objects()
        sizes = {objects.get(key) for key in new.values()}
        require(sizes == {size}, f"{peer.name}'s objects have {sizes} bytes")

    def _delete_all(self, peer, work=None):
        sessions = works.uploaded(peer)
        self._measure(work, peer, len(sessions), lambda: works.delete(peer, sessions))
        left = set(sessions.values()) & set(self.site.objects())
        require(not works.uploaded(peer), f"{peer.name} did not delete all of {WRITER}'s")
        require(not left, f"{peer.name} left {len(left)} recordings")

    def _measure(self, work, peer, count, ask):
        """Has `count` requests made, and notes what one of them cost; without a name nothing."""
        peer.check()
        served, before, started = peer.served(), self.site.cpu(peer), time.monotonic()
        ask()
        seconds = time.monotonic() - started
        self._require_served(peer, served + count)
        after = self.site.cpu(peer)
        peer.check()
        used = {part: 1000 * (after[part] - before[part]) / count for part in PARTS}
        if used["backend"] <= 0:
            raise WrongProcess(f"{peer.name} did {count} requests without using any CPU time")
        if work:
            self._note(work, peer, **used, sum=sum(used.values()), wall=1000 * seconds / count)

    def _require_served(self, peer, count):
        """nginx writes its line when the client has had its answer."""
        deadline = time.monotonic() + LOG_SECONDS
        while peer.served() < count and time.monotonic() < deadline:
            time.sleep(0.01)
        served = peer.served()
        if served != count:
            raise WrongProcess(f"{peer.name}'s backend served {served} requests, not {count}")
