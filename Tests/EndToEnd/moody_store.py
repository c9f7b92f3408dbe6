"""The stack's own store with moods: for a while it answers as `hostile_store` does."""

import contextlib
import random
import threading

from gates import Gate
from hostile_store import SENT, Request, behave
from relay import StorageRelay


class MoodyStore(StorageRelay):
    """`mood` is one of `hostile_store.BEHAVIOURS`, or None while all is well.

    What it says it has done is done, since nobody can see through a plain lie. Behind any other
    answer it may have done it or not.
    """

    def __init__(self, stack):
        super().__init__(stack, Gate())
        self.mood = None
        self._writing = 0
        self._changed = threading.Condition()

    def wait_until_written(self, seconds=30):
        """Until nothing is on its way into the store any more."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._writing == 0, seconds)

    @contextlib.contextmanager
    def writing(self):
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def _count(self, change):
        with self._changed:
            self._writing += change
            self._changed.notify_all()

    def forward(self, *request):
        with self.writing():
            return super().forward(*request)

    def _exchange(self, client, head, rest):
        mood = self.mood
        if mood is None:
            return super()._exchange(client, head, rest)
        request = MoodyRequest(self, client, head, rest)
        if mood == "early-success":
            # It becomes true once the body has come.
            with self.writing():
                behave(request, mood)
                request.read_body()
        else:
            request.is_done = not is_refusal(mood) or random.random() < 0.5
            behave(request, mood)
        return False


class MoodyRequest(Request):
    """Its body goes to the store, unless it is not done."""

    def __init__(self, store, peer, head, rest):
        super().__init__(peer, head, rest)
        self.is_done = True
        self._forward = lambda: store.forward(peer, head, rest)
        self._answer = None

    def read_body(self):
        if self.is_done:
            self._answer = self._forward()
        else:
            super().read_body()

    def good(self):
        return self._answer or super().good()


def is_refusal(mood):
    return mood in SENT and not SENT[mood].startswith(b"HTTP/1.1 2")
