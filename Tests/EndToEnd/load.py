"""Threads that make every kind of request, whatever happens to the program meanwhile."""

import random
import secrets
import statistics
import threading
import time

from tenant import get

THREADS = 4
RIGHT_STATUSES = (200, 201, 404, 409, 503)


class Load:
    """Runs until the end of its block; then fails if an answer was none of the right ones."""

    ACTIONS = ("upload", "upload_twice", "delete", "list", "play")

    def __init__(self, ledger, site, threads=THREADS, actions=ACTIONS):
        self.ledger, self.site = ledger, site
        self._actions = [getattr(self, f"_{action}") for action in actions]
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(threads)]
        self._failures = []

    def __enter__(self):
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()
        assert not self._failures, self._failures

    def _run(self):
        while not self._stop.is_set():
            try:
                answer = random.choice(self._actions)()
            except TimeoutError:
                self._failures.append("no answer in time")
                continue
            except OSError:
                # Killed: nobody listens, or the connection broke. The next may do better.
                self._stop.wait(0.02)
                continue
            if answer and answer.status_code not in RIGHT_STATUSES:
                self._failures.append(answer.text)

    def _recording(self):
        return secrets.token_bytes(random.choice([16, 1000, 50_000, 400_000]))

    def _upload(self):
        return self.ledger.upload(self.site, self._recording())

    def _upload_twice(self):
        recording, key = self._recording(), secrets.token_hex(8)
        self.ledger.upload(self.site, recording, key=key)
        return self.ledger.upload(self.site, recording, key=key)

    def _delete(self):
        session = self.ledger.take()
        return session and self.ledger.delete(self.site, session)

    def _list(self):
        return get(self.site, "?page=1&limit=10")

    def _play(self):
        session = self.ledger.any()
        return session and get(self.site, f"/{session}/audio")


class Lists:
    """Asks for lists, one after the other, until the end of its block; how long each took."""

    def __init__(self, site):
        self.site = site
        self.seconds = []
        self.unanswered = 0
        self.failures = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _run(self):
        while not self._stop.wait(0.02):
            started = time.monotonic()
            try:
                answer = get(self.site)
            except TimeoutError:
                self.failures.append("no answer in time")
                continue
            except OSError:
                answer = None
            if answer is None:
                self.unanswered += 1
            elif answer.status_code == 200:
                self.seconds.append(time.monotonic() - started)
            else:
                self.failures.append(answer.text)

    @property
    def p99(self):
        return statistics.quantiles(self.seconds, n=100)[98]

    def __str__(self):
        middle = statistics.median(self.seconds)
        return (
            f"{len(self.seconds)} lists: median {middle * 1000:.0f} ms,"
            f" p99 {self.p99 * 1000:.0f} ms, longest {max(self.seconds) * 1000:.0f} ms"
        )
