"""What scripts/shots ends in: a screenshot of every state of the pages."""

import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[2] / "scripts")]

import psycopg  # noqa: E402
from chromium import Chromium, ChromiumProcess  # noqa: E402
from client import Client  # noqa: E402
from door import Door  # noqa: E402
from private_stack import PrivateStack  # noqa: E402
from speech import make_speech, recorded  # noqa: E402
from states import STATES, Scene, fill  # noqa: E402

from stack.directory import ROOT, RunDirectory  # noqa: E402

SCREENS = {"desktop": (1100, 800, 1, False), "phone": (390, 844, 2, True)}


def main():
    wanted = sys.argv[1:] or [state.__name__ for state in STATES]
    program = os.environ.get("SESSIONS_FCGI") or ROOT / ".build" / "release" / "sessions-fcgi"
    target = RunDirectory.from_environment().path / "shots"
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        stack = PrivateStack(Path(program).resolve(), scratch)
        try:
            stack.start()
            speech = make_speech(scratch)
            process = ChromiumProcess(speech)
            with Door(stack.url) as door:
                for state in STATES:
                    if state.__name__ in wanted:
                        shoot_on_every_screen(state, stack, door, process, speech, target)
                        print(state.__name__, flush=True)
            process.quit()
        finally:
            stack.stop()


def shoot_on_every_screen(state, stack, door, process, speech, target):
    for screen, (width, height, scale, is_mobile) in SCREENS.items():
        user = f"{state.__name__}-{screen}"
        stack.add_user(user)
        client = Client(stack.url, user)
        client.speech = recorded(speech)
        with psycopg.connect(stack.database_url, autocommit=True) as db:
            done = fill(client, db)
        browser = Chromium(process, door.url, user)
        browser.cdp(
            "Emulation.setDeviceMetricsOverride", width=width, height=height,
            deviceScaleFactor=scale, mobile=is_mobile,
        )  # fmt: skip
        state(Scene(browser, door, client, done))
        for scheme in ("light", "dark"):
            feature = {"name": "prefers-color-scheme", "value": scheme}
            browser.cdp("Emulation.setEmulatedMedia", features=[feature])
            name = f"{state.__name__}-{screen}-{scheme}.png"
            browser.driver.save_screenshot(str(target / name))
        browser.quit()


if __name__ == "__main__":
    main()
