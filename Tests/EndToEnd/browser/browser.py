"""A real browser, used as a person would: by what is on the page.

Buttons, links and fields are found by their role and accessible name, as assistive technology
finds them.
"""

import contextlib
import time
from urllib.parse import quote

import pytest
from private_stack import PASSWORD
from selenium.common.exceptions import (
    NoSuchElementException,
    StaleElementReferenceException,
    WebDriverException,
)
from selenium.webdriver.common.keys import Keys

PATIENCE_SECONDS = 30
CANDIDATES = {
    "button": "button",
    "link": "a",
    "field": "input, select",
}

# Runs a test in each of the browsers.
in_both = pytest.mark.parametrize("browser_kind", ["chromium", "firefox"])


class Browser:
    """The browser of one user, a container in its process: what is the same whichever it is.

    A subclass has `before_pages`, which runs a script in every page before the page's own, and
    `complaints`, what the console holds beyond what was expected.
    """

    def __init__(self, process, url, user):
        self.url = url
        self.user = user
        self.expected = []  # texts of console lines that a test provokes
        self.process = process
        self.container = process.new_container()
        self.open_tab()

    @property
    def driver(self):
        return self.process.driver_of(self._tab)

    def open_tab(self):
        """A further one, and shows it."""
        self._tab = self.process.new_tab(self.container)

    def show_tab(self, handle):
        self._tab = handle

    def quit(self):
        self.process.remove_container(self.container)

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
            except (NoSuchElementException, StaleElementReferenceException):
                result = None  # between two pages
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
        button = self.wait_for("button", name, **options)
        self.wait(button.is_enabled, f"a {name} that can be pressed", **options)
        self.wait_until_settled()
        button.click()

    def hurry(self):
        """Has a waiting upload tried at once, unless it just is by itself."""
        with contextlib.suppress(WebDriverException):
            if button := self.find("button", "Try Now"):
                button.click()

    def wait_until_settled(self):
        """After a change the buttons do nothing for a moment."""
        moment = "[data-settling]"
        self.wait(lambda: not self.driver.find_elements("css selector", moment), "calm")

    def follow(self, name, **options):
        self.wait_for("link", name, **options).click()

    def key(self, *keys):
        """To whatever has the focus."""
        self.wait_until_settled()
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

    # The clock and the screen

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

    def unexpected(self, lines):
        return [line for line in lines if not any(text in line for text in self.expected)]
