"""The rounds: each work is asked of every peer by turns, so that what the machine does meanwhile
falls on all of them."""

from . import works
from .costs import Costs
from .processes import peak_mib, resident_mib
from .works import CLIENTS, LARGE, SMALL

MOST_MEMORY_ROUNDS = 3  # it hardly varies, and 16 times 50 MiB take long
TURNS = ("start", "at_once", "warm_up", "list", "post_and_delete", "post_large", "commands")


class Rounds(Costs):
    def __init__(self, site, requests):
        super().__init__(site)
        self.lists = requests
        self.posts = max(1, requests // 10)
        self.larges = max(1, requests // 500)
        self.at_onces = min(16, max(2, requests // 50))
        self.runs = max(1, requests // 200)
        self.done = 0

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

    # The turns

    def _start(self, peer):
        peer.start()
        self.note("started", peer, memory=resident_mib(peer.backend.process.pid))

    def _at_once(self, peer):
        """On a process that has done nothing else yet."""
        if self.done < MOST_MEMORY_ROUNDS:
            self.upload(peer, self.at_onces, LARGE, self.at_onces)
            self.note("at_once", peer, memory=peak_mib(peer.backend.process.pid))
            self.delete_all(peer)

    def _warm_up(self, peer):
        works.check_list(peer)
        count = max(1, self.lists // 10)
        self.measure(None, peer, count, lambda: works.list_sessions(peer, count))
        # Enough of them for each client's connections to be there, and their statements prepared.
        self.upload(peer, max(1, self.posts // 4), SMALL, CLIENTS)
        self.delete_all(peer)

    def _list(self, peer):
        self.measure("list", peer, self.lists, lambda: works.list_sessions(peer, self.lists))

    def _post_and_delete(self, peer):
        """As in a site that is used: connections to the store are there, which some peers close
        while the others have their turns."""
        self.upload(peer, CLIENTS, SMALL, CLIENTS)
        self.upload(peer, self.posts, SMALL, CLIENTS, "post")
        self.delete_all(peer, "delete")

    def _post_large(self, peer):
        self.upload(peer, self.larges, LARGE, 1, "post_large")
        self.delete_all(peer)

    def _commands(self, peer):
        if peer.cgi:
            self.note("cgi", peer, backend=1000 * works.list_as_cgi(peer, self.runs))
        if peer.name == "ours":
            command = [self.site.program, "--version"]
            seconds = works.run_command(command, None, self.runs)[1]
            self.note("version", peer, backend=1000 * seconds)
