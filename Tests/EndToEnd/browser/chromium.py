"""A real headless Chromium with a fake microphone, used as a person would: by what is on the page.

Buttons, links and fields are found by their role and accessible name, as assistive technology
finds them.
"""

import contextlib
import os
import tempfile
import time
from urllib.parse import quote

from private_stack import PASSWORD
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.keys import Keys

CHROMEDRIVER = "/usr/bin/chromedriver"
PATIENCE_SECONDS = 30
CANDIDATES = {
    "button": "button",
    "link": "a",
    "field": "input, select",
}


class Chromium:
    """One browser of one user, whose microphone hears the WAV file `sound`.

    Another one with the same `profile` finds what this one kept.
    """

    def __init__(self, url, user, sound, profile, arguments=(), microphone="allowed"):
        self.url = url
        self.user = user
        self.expected = []  # texts of console lines that a test provokes
        # A browser that is killed leaves what it had there.
        self._temporary = tempfile.TemporaryDirectory(
            prefix="sessions-browser-", ignore_cleanup_errors=True
        )
        self.driver = webdriver.Chrome(
            options=options(sound, profile, arguments, microphone),
            service=Service(CHROMEDRIVER, env={**os.environ, "TMPDIR": self._temporary.name}),
        )
        self.driver.set_script_timeout(60)

    # Going somewhere

    def open(self, path="/", signed_in=True):
        """Opens it the way that a person signs in who types user:password@ into the address."""
        url = self.url
        if signed_in:
            url = url.replace("://", f"://{quote(self.user)}:{PASSWORD}@")
        self.driver.get(url + path)

    # Looking

    def find(self, kind, name):
        """The visible element of that kind with that accessible name, or None."""
        for element in self.driver.find_elements("css selector", CANDIDATES[kind]):
            try:
                if element.is_displayed() and element.accessible_name == name:
                    return element
            except StaleElementReferenceException:
                continue  # replaced meanwhile
        return None

    def text(self):
        return self.driver.find_element("css selector", "main").text

    def state(self):
        return self.driver.find_element("css selector", "[data-state]").get_dom_attribute(
            "data-state"
        )

    def by_id(self, id):
        return self.driver.find_element("id", id)

    def run(self, script, *arguments):
        """What the body of an async function returns."""
        wrapped = (
            "const done = arguments[arguments.length - 1];"
            f"(async (...given) => {{ {script} }})(...arguments)"
            ".then((value) => done({ value }), (error) => done({ error: String(error) }));"
        )
        result = self.driver.execute_async_script(wrapped, *arguments)
        assert "error" not in result, result["error"]
        return result.get("value")

    # Waiting

    def wait(self, condition, what, seconds=PATIENCE_SECONDS):
        """What the condition comes to, once it is true."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                result = condition()
            except StaleElementReferenceException:
                result = None
            if result:
                return result
            assert time.monotonic() < deadline, f"{what} did not come; on the page: {self.text()}"
            time.sleep(0.05)

    def wait_for_text(self, text, **options):
        self.wait(lambda: text in self.text(), repr(text), **options)

    def wait_for_state(self, state, **options):
        self.wait(lambda: self.state() == state, f"state {state}", **options)

    def wait_for(self, kind, name, **options):
        return self.wait(lambda: self.find(kind, name), f"{kind} {name}", **options)

    # Doing

    def press(self, name, **options):
        self.wait_for("button", name, **options).click()

    def follow(self, name, **options):
        self.wait_for("link", name, **options).click()

    def key(self, *keys):
        """To whatever has the focus."""
        self.driver.switch_to.active_element.send_keys(*keys)

    def tab_to(self, name):
        for _ in range(40):
            self.key(Keys.TAB)
            if self.driver.switch_to.active_element.accessible_name == name:
                return
        raise AssertionError(f"the keyboard does not reach {name}")

    def focused(self):
        return self.driver.switch_to.active_element.accessible_name

    def record(self, seconds=2.0):
        """A take of about that length, stopped and shown."""
        self.open("/session/new")
        self.record_here(seconds)

    def record_here(self, seconds=2.0):
        self.press("Start Speaking Session")
        self.wait_for_state("recording")
        self.wait(lambda: self.elapsed() >= seconds, f"{seconds} s of recording")
        self.press("Stop Session")
        self.wait_for_state("stopped")

    def elapsed(self):
        minutes, seconds = self.by_id("timer").text.split(":")
        return int(minutes) * 60 + int(seconds)

    def wait_for_session(self, **options):
        """The id of the session whose page came."""
        self.wait(lambda: self.state() == "session", "the session's page", **options)
        return self.driver.current_url.rsplit("/", 1)[1]

    # The network and the clock

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
        """Runs it in every page before the page's own scripts."""
        self.cdp("Page.addScriptToEvaluateOnNewDocument", source=script)

    def hasten(self, factor):
        """Lets the pages' timers and clock run so many times as fast."""
        self.before_pages(
            f"""{{
              const set = window.setTimeout, now = performance.now.bind(performance);
              window.setTimeout = (work, delay, ...more) => set(work, delay / {factor}, ...more);
              performance.now = () => now() * {factor};
            }}"""
        )

    def make_hideable(self):
        """Gives the pages a `hide(true)` and a `hide(false)`, as if another tab came in front."""
        self.before_pages(
            """{
              let isHidden = false;
              Object.defineProperty(document, "hidden", { get: () => isHidden });
              window.hide = (hides) => {
                isHidden = hides;
                document.dispatchEvent(new Event("visibilitychange"));
              };
            }"""
        )

    # The end

    def complaints(self):
        """What the console holds beyond what was expected."""
        lines = [entry["message"] for entry in self.driver.get_log("browser")]
        return [line for line in lines if not any(text in line for text in self.expected)]

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
