"""A real headless Chromium with a fake microphone."""

import contextlib
import os
import tempfile

from browser import Browser
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service

CHROMEDRIVER = "/usr/bin/chromedriver"


class Chromium(Browser):
    """Its microphone hears the WAV file `sound`.

    Another one with the same `profile` finds what this one kept.
    """

    def __init__(self, url, user, sound, profile, arguments=(), microphone="allowed"):
        super().__init__(url, user)
        # A browser that is killed leaves what it had there.
        self._temporary = tempfile.TemporaryDirectory(
            prefix="sessions-browser-", ignore_cleanup_errors=True
        )
        self.driver = webdriver.Chrome(
            options=options(sound, profile, arguments, microphone),
            service=Service(CHROMEDRIVER, env={**os.environ, "TMPDIR": self._temporary.name}),
        )
        self.driver.set_script_timeout(60)
        self._scripts = []

    def cdp(self, command, **parameters):
        return self.driver.execute_cdp_cmd(command, parameters)

    def network(self, offline=False, upload_bytes_per_second=-1):
        self.cdp("Network.enable")
        self.cdp(
            "Network.emulateNetworkConditions",
            offline=offline,
            latency=0,
            downloadThroughput=-1,
            uploadThroughput=upload_bytes_per_second,
        )

    def before_pages(self, script):
        self._scripts.append(script)
        self.cdp("Page.addScriptToEvaluateOnNewDocument", source=script)

    def open_tab(self):
        """A further one, and shows it."""
        self.driver.switch_to.new_window("tab")
        for script in self._scripts:
            self.cdp("Page.addScriptToEvaluateOnNewDocument", source=script)

    def show_tab(self, handle):
        self.driver.switch_to.window(handle)

    def complaints(self):
        # A browser that a test has killed has no console any more.
        if self.driver.service.process.poll() is not None:
            return []
        return self.unexpected(entry["message"] for entry in self.driver.get_log("browser"))

    def quit(self):
        with contextlib.suppress(WebDriverException):  # a test has ended it already
            self.driver.quit()
        self._temporary.cleanup()


def options(sound, profile, arguments, microphone):
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    given = [
        "--headless=new",
        "--no-sandbox",  # tests may run as root
        "--disable-dev-shm-usage",
        "--window-size=1100,900",
        "--lang=en-US",
        "--autoplay-policy=no-user-gesture-required",  # the tests play without a click before it
        f"--user-data-dir={profile}",
        *arguments,
    ]
    if microphone != "missing":
        given.append("--use-fake-device-for-media-stream")
        given.append(f"--use-file-for-fake-audio-capture={sound}")
    given.append(
        "--deny-permission-prompts" if microphone == "denied" else "--use-fake-ui-for-media-stream"
    )
    for argument in given:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return options
