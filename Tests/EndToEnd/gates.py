"""A place between the program and its database and storage where a request can be stopped."""

import threading
from typing import NamedTuple


class Cut(Exception):
    """This connection ends here."""


class Step(NamedTuple):
    """A moment of a request.

    `what` is "PUT /" or another method of HTTP with that slash, or words of a statement's text;
    None when nothing is asked yet.
    `moment` is "connected", "asked" (here, not yet there), "sent", "half" (of the body), or
    "done" (there, and committed; its answer is here).
    """

    what: str | None
    moment: str


class Crowd:
    """Lets nobody ask that statement before so many are about to: then all at once."""

    def __init__(self, statement, count):
        self._statement = statement
        self._barrier = threading.Barrier(count)

    def statement_in(self, data):
        return self._statement if self._statement.encode() in data else None

    def pass_by(self, what, moment):
        if moment == "asked":
            try:
                self._barrier.wait(20)
            except threading.BrokenBarrierError:
                raise Cut from None


class Gate:
    """Stops the first that comes by at the step it is armed with; all others pass."""

    def __init__(self):
        self._lock = threading.Condition()
        self._step = None
        self._verdict = None
        self.reached = threading.Event()

    def arm(self, what, moment):
        with self._lock:
            self._step, self._verdict = Step(what, moment), None
            self.reached.clear()

    def resume(self):
        """What was stopped goes on."""
        self._decide("resume")

    def cut(self):
        """What was stopped never arrives: its connection ends."""
        self._decide("cut")

    def _decide(self, verdict):
        with self._lock:
            self._step, self._verdict = None, verdict
            self._lock.notify_all()

    def statement_in(self, data):
        """The words that it is armed with, when they are in the statement."""
        with self._lock:
            what = self._step and self._step.what
        return what if what and what.encode() in data else None

    def pass_by(self, what, moment):
        """Called by whoever relays, at every step; returns, or raises Cut."""
        with self._lock:
            if self._step != Step(what, moment):
                return
            self._step = None
            self.reached.set()
            self._lock.wait_for(lambda: self._verdict, timeout=120)
            if self._verdict != "resume":
                raise Cut
