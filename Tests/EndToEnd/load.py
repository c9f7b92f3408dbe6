"""Threads that upload, try again, delete and list, whatever happens to the program meanwhile."""

import random
import secrets
import threading

from tenant import get

THREADS = 4
RIGHT_STATUSES = (200, 201, 404, 409, 503)


class Load:
    """Runs until the end of its block; then fails if an answer was none of the right ones."""

    def __init__(self, ledger, site):
        self.ledger, self.site = ledger, site
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(THREADS)]
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
        actions = [self._upload, self._upload_twice, self._delete, self._list]
        while not self._stop.is_set():
            try:
                answer = random.choice(actions)()
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
