"""WebKit as GTK has it, on a screen that nobody sees, with a microphone of its own making."""

import shutil
import subprocess
from pathlib import Path

from browser import Browser
from process import BrowserProcess
from selenium import webdriver
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

DRIVER = shutil.which("WebKitWebDriver")
ARGUMENTS = [
    "--automation",
    "--enable-mock-capture-devices=true",
    "--enable-write-console-messages-to-stdout=true",
]


class WebKitProcess(BrowserProcess):
    """It has no containers, so each test has one of its own."""

    def start(self, environment):
        self.log = Path(self._temporary.name) / "log"
        self._screen, display = start_screen()
        options = Options()
        for argument in ARGUMENTS:
            options.add_argument(argument)
        environment |= {"DISPLAY": display, "GDK_BACKEND": "x11"}
        service = Service(DRIVER, log_output=str(self.log), env=environment)
        return webdriver.WebKitGTK(options=options, service=service)

    def new_container(self):
        return None

    def new_tab(self, container):
        return self.first_tab

    def remove_container(self, container):
        self.quit()
        self._screen.terminate()
        self._screen.wait()
        self._screen.stdout.close()


class WebKit(Browser):
    def complaints(self):
        lines = self.process.log.read_text(errors="replace").splitlines()
        return self.unexpected(line for line in lines if line.startswith("CONSOLE"))


def start_screen():
    """An X server, and the name of its display."""
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1100x900x24", "-nolisten", "tcp"]
    screen = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return screen, ":" + screen.stdout.readline().strip()
