"""What one request costs: CPU time of each part, taken before and after many of them."""

import time

from . import works
from .processes import WrongProcess
from .works import WRITER, require

PARTS = ("backend", "nginx", "postgres")
LOG_SECONDS = 30


class Costs:
    def __init__(self, site):
        self.site = site
        self.samples = {}  # work: peer: part: the numbers measured

    def note(self, work, peer, **numbers):
        parts = self.samples.setdefault(work, {}).setdefault(peer.name, {})
        for part, number in numbers.items():
            parts.setdefault(part, []).append(number)

    def upload(self, peer, count, size, clients, work=None):
        before = works.uploaded(peer)
        form = self.site.forms[size]
        self.measure(work, peer, count, lambda: works.upload(peer, count, form, clients))
        new = {id: key for id, key in works.uploaded(peer).items() if id not in before}
        require(len(new) == count, f"{peer.name} has {len(new)} new sessions of {count}")
        objects = self.site.objects()
        sizes = {objects.get(key) for key in new.values()}
        require(sizes == {size}, f"{peer.name}'s objects have {sizes} bytes")

    def delete_all(self, peer, work=None):
        sessions = works.uploaded(peer)
        self.measure(work, peer, len(sessions), lambda: works.delete(peer, sessions))
        left = set(sessions.values()) & set(self.site.objects())
        require(not works.uploaded(peer), f"{peer.name} did not delete all of {WRITER}'s")
        require(not left, f"{peer.name} left {len(left)} recordings")

    def measure(self, work, peer, count, ask):
        """Has `count` requests made, and notes what one of them cost; without a name nothing."""
        peer.check()
        self._require_served(peer)
        before, started = self.site.cpu(peer), time.monotonic()
        ask()
        seconds = time.monotonic() - started
        peer.asked += count
        self._require_served(peer)
        after = self.site.cpu(peer)
        peer.check()
        used = {part: 1000 * (after[part] - before[part]) / count for part in PARTS}
        if used["backend"] <= 0:
            raise WrongProcess(f"{peer.name} did {count} requests without using any CPU time")
        if work:
            self.note(work, peer, **used, sum=sum(used.values()), wall=1000 * seconds / count)

    def _require_served(self, peer):
        """All that was asked so far, and nothing else; nginx writes a line after each answer."""
        deadline = time.monotonic() + LOG_SECONDS
        while peer.served() < peer.asked and time.monotonic() < deadline:
            time.sleep(0.01)
        served = peer.served()
        if served != peer.asked:
            raise WrongProcess(f"{peer.name} served {served} requests, not {peer.asked}")
