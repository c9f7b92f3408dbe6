"""What a browser's process is, whichever browser it is."""

import contextlib
import os
import tempfile

from selenium.common.exceptions import WebDriverException


class BrowserProcess:
    """Takes seconds to start, so that tests share one: each has containers of its own in it.

    A container has its tabs, its sign-in, and what pages keep. A subclass has `start`, which
    returns the driver, `new_container`, `new_tab` and `remove_container`.
    """

    def __init__(self):
        # A browser that is killed leaves what it had there.
        self._temporary = tempfile.TemporaryDirectory(
            prefix="sessions-browser-", ignore_cleanup_errors=True
        )
        self.driver = self.start({**os.environ, "TMPDIR": self._temporary.name})
        self.driver.set_script_timeout(60)
        self.first_tab = self._shown = self.driver.current_window_handle

    def driver_of(self, tab):
        if self._shown != tab:
            self.driver.switch_to.window(tab)
            self._shown = tab
        return self.driver

    def quit(self):
        with contextlib.suppress(WebDriverException):  # a test has ended it already
            self.driver.quit()
        self._temporary.cleanup()
