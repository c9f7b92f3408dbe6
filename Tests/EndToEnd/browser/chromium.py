"""A real headless Chromium with a fake microphone."""

import requests
import urllib3
from browser import Browser
from process import BrowserProcess
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.remote.websocket_connection import WebSocketConnection

CHROMEDRIVER = "/usr/bin/chromedriver"


class ChromiumProcess(BrowserProcess):
    """Its microphone hears the WAV file `sound`.

    Its containers are browser contexts of DevTools. BiDi's user contexts are the same, but what
    speaks BiDi in Chromium is a page that follows all others, at the cost of most that is saved.
    """

    def __init__(self, sound, profile=None, arguments=(), microphone="allowed"):
        self._options = options(sound, profile, arguments, microphone)
        super().__init__()
        address = self.driver.capabilities["goog:chromeOptions"]["debuggerAddress"]
        url = requests.get(f"http://{address}/json/version").json()["webSocketDebuggerUrl"]
        self._connection = WebSocketConnection(url, timeout=60, interval=0.01)

    def start(self, environment):
        service = Service(CHROMEDRIVER, env=environment)
        return webdriver.Chrome(options=self._options, service=service)

    def tell(self, method, **parameters):
        """What the browser answers; its driver passes on only what is for a page."""
        answer = self._connection.send_cmd(method, parameters)
        assert "error" not in answer, answer
        return answer["result"]

    def new_container(self):
        return self.tell("Target.createBrowserContext")["browserContextId"]

    def new_tab(self, container):
        place = {"browserContextId": container} if container else {}
        return self.tell("Target.createTarget", url="about:blank", **place)["targetId"]

    def remove_container(self, container):
        driver = self.driver_of(self.first_tab)
        self.tell("Target.disposeBrowserContext", browserContextId=container)
        driver.get_log("browser")  # what came meanwhile concerns nobody any more

    @property
    def pid(self):
        return self.driver.capabilities["goog:processID"]

    def answers(self):
        try:
            return self.first_tab in self.driver.window_handles
        except (WebDriverException, urllib3.exceptions.HTTPError):
            return False

    def quit(self):
        self._connection.close()
        super().quit()


class SharedChromium:
    """The process that tests share, another one where it has died."""

    def __init__(self, sound):
        self._sound, self._process = sound, None

    def process(self):
        if self._process and not self._process.answers():
            self.quit()
        self._process = self._process or ChromiumProcess(self._sound)
        return self._process

    def quit(self):
        if self._process:
            self._process.quit()
        self._process = None


class ChromiumAlone(ChromiumProcess):
    """The process of one browser, whose container is the profile itself.

    Another one with the same `profile` finds what this one kept.
    """

    def new_container(self):
        return None

    def remove_container(self, container):
        self.quit()


class Chromium(Browser):
    def __init__(self, process, url, user):
        self._scripts = []
        super().__init__(process, url, user)

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

    def save_into(self, directory):
        """Lets the pages save files there."""
        self.process.tell(
            "Browser.setDownloadBehavior", behavior="allow", downloadPath=str(directory),
            browserContextId=self.container,
        )  # fmt: skip

    def before_pages(self, script):
        self._scripts.append(script)
        self.cdp("Page.addScriptToEvaluateOnNewDocument", source=script)

    def open_tab(self):
        super().open_tab()
        for script in self._scripts:
            self.cdp("Page.addScriptToEvaluateOnNewDocument", source=script)

    def complaints(self):
        # A browser that a test has killed has no console any more.
        if self.driver.service.process.poll() is not None:
            return []
        return self.unexpected(entry["message"] for entry in self.driver.get_log("browser"))


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
        *arguments,
    ]
    if profile:
        given.append(f"--user-data-dir={profile}")
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
