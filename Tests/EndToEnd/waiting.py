"""Waiting for what comes about by itself, within bounds."""

import time

import pytest


def wait_until(is_so, what, seconds=20):
    """Asks until the answer is yes; fails when it is not within the time."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds} s: {what}")
        time.sleep(0.05)
