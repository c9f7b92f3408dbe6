"""Waiting for what comes about by itself, within bounds; and making things coincide."""

import threading
import time

import pytest


def wait_until(is_so, what, seconds=20):
    """Asks until the answer is yes; fails when it is not within the time."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds} s: {what}")
        time.sleep(0.05)


def at_once(count, request):
    """Makes that many requests at the same moment; their answers."""
    answers = []
    barrier = threading.Barrier(count)

    def run(number):
        barrier.wait()
        answers.append(request(number))

    threads = [threading.Thread(target=run, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == count
    return answers
