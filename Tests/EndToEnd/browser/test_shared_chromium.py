"""Tests share a Chromium: none finds what another has left, and one that has died is replaced."""

import os
import signal

from chromium import Chromium, SharedChromium
from door import SIGNED_OUT

LEAVE = """
  await navigator.serviceWorker.register("/session/worker.js", { scope: "/session/" });
  await caches.open("left");
  localStorage.left = document.cookie = "left=1; path=/; max-age=1000";
"""
FIND = """
  return [
    localStorage.length, document.cookie, await caches.keys(), await indexedDB.databases(),
    await navigator.serviceWorker.getRegistrations(), matchMedia("print").matches,
  ];
"""


def test_nothing_is_left_to_the_next(shared_chromium, door, new_client):
    process = shared_chromium.process()
    user = new_client().user
    first = Chromium(process, door.url, user)
    first.open("/session/new")
    first.wait_for_state("idle")
    first.run(LEAVE)
    first.open_tab()
    first.open("/")
    first.cdp("Emulation.setEmulatedMedia", media="print")
    first.network(offline=True)
    assert first.run(FIND)[-1] and first.run(FIND)[0] > 0
    first.run("console.error('left');")
    first.quit()

    second = Chromium(process, door.url, user)
    second.open(SIGNED_OUT, signed_in=False)
    second.wait_for_text("You are not signed in")
    assert second.run(FIND) == [0, "", [], [], [], False]
    assert len(process.driver.window_handles) == 2
    assert second.complaints() == []
    second.quit()


def test_process_that_has_died_is_replaced(speech):
    shared = SharedChromium(speech)
    try:
        died = shared.process()
        assert shared.process() is died
        os.kill(died.pid, signal.SIGKILL)
        other = shared.process()
        assert other is not died and other.answers()
    finally:
        shared.quit()
