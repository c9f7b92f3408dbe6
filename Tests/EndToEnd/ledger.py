"""What clients were promised, and the check that nothing of it is lost and nothing left over."""

import hashlib
import random
import threading

from tenant import delete, post


class Ledger:
    """Makes requests for one tenant, remembers each answer, and compares with what is there.

    Safe to use from many threads.
    """

    def __init__(self, tenant, user="demo"):
        self.tenant = tenant
        self.user = user
        self._lock = threading.Lock()
        self.uploaded = {}  # session: SHA-256 of the recording, for every 201
        self.deleting = set()  # sessions whose deletion was asked for, whatever the answer
        self.deleted = set()  # those whose deletion was answered 200
        self.once = set()  # SHA-256 of recordings that were sent with an idempotency key
        self._known = {}  # object key: SHA-256

    # Requests

    def upload(self, site, data, **options):
        """An upload; the answer, or None when there was none."""
        digest = hashlib.sha256(data).hexdigest()
        if options.get("key"):
            with self._lock:
                self.once.add(digest)
        answer = post(site, data, self.user, **options)
        if answer is not None and answer.status_code == 201:
            with self._lock:
                self.uploaded[answer.json()["id"]] = digest
        return answer

    def delete(self, site, session):
        """A deletion; the answer, or None when there was none."""
        with self._lock:
            self.deleting.add(session)
        answer = delete(site, session, self.user)
        if answer is not None and answer.status_code == 200:
            with self._lock:
                self.deleted.add(session)
        return answer

    def take(self):
        """A session that was uploaded and nobody has asked to delete; None if there is none."""
        with self._lock:
            for session in self.uploaded:
                if session not in self.deleting:
                    self.deleting.add(session)
                    return session
        return None

    def any(self):
        """A session that was uploaded, deleted meanwhile or not; None if there is none."""
        with self._lock:
            return random.choice(list(self.uploaded)) if self.uploaded else None

    # The check

    def settle(self, sites=()):
        """Sweeps until no job is left, and fails if anything is lost or left over."""
        self.tenant.sweep_until_no_job_is_left()
        problems = [*self._lost(), *self._left_over()]
        problems += [str(path) for site in sites for path in site.temporary_files()]
        assert not problems, "\n".join(problems)

    def _lost(self):
        rows = self.tenant.sessions()
        for session, digest in list(self.uploaded.items()):
            status, key = rows.get(session, (None, None))
            if session in self.deleted:
                if status:
                    yield f"{session} was deleted (200) and is still there"
            elif status is None and session in self.deleting:
                continue
            elif status != "UPLOADED" or not key:
                yield f"{session} was uploaded (201) and is {status} with the key {key}"
            elif self._digest(key) != digest:
                yield f"{session} was uploaded (201), and its recording is {self._digest(key)}"

    def _left_over(self):
        rows = self.tenant.sessions()
        objects = set(self.tenant.bucket.keys())
        keys = {key: session for session, (_, key) in rows.items() if key}
        yield from (f"object without a row: {key}" for key in objects - keys.keys())
        yield from (f"row without its object: {keys[key]}" for key in keys.keys() - objects)
        for session, (status, key) in rows.items():
            if status == "CREATED" or (status == "UPLOADED") != (key is not None):
                yield f"{session} is {status} with the key {key}"
        digests = [self._digest(key) for key in objects]
        for digest in self.once:
            if digests.count(digest) > 1:
                yield f"stored {digests.count(digest)} times under one idempotency key: {digest}"

    def _digest(self, key):
        """An object is never written twice, so once read it is known."""
        if key not in self._known:
            found = self.tenant.bucket.get(key)
            self._known[key] = found and hashlib.sha256(found[0]).hexdigest()
        return self._known[key]
