"""A monkey at the recorder's page: what it does is random, and can be done again by its seed."""

import random
import time

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

# Writes down in the browser, beside the page and past its end, what was recorded, kept and pressed.
# Each page has a list of its own, since two may be open.
WITNESS = """{
  const key = `witness-${Date.now()}-${Math.random()}`, seen = [];
  const write = (entry) => {
    seen.push({ at: Date.now(), ...entry });
    localStorage.setItem(key, JSON.stringify(seen));
  };
  const recorders = new WeakMap(); // by the sound that they gave
  window.MediaRecorder = class extends MediaRecorder {
    #recorder = Math.random();
    constructor(...given) {
      super(...given);
      const recorder = this.#recorder;
      this.addEventListener("dataavailable", ({ data }) => {
        recorders.set(data, recorder);
        if (data.size > 0) write({ what: "sound", recorder, size: data.size });
      });
      for (const what of ["pause", "resume", "stop"]) {
        this.addEventListener(what, () => write({ what, recorder }));
      }
    }
    start(...given) {
      write({ what: "start", recorder: this.#recorder });
      return super.start(...given);
    }
  };
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (value, ...given) {
    const recorder = recorders.get(value.sound);
    if (recorder) write({ what: "kept", recorder, id: value.takeID });
    return put.call(this, value, ...given);
  };
  window.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (!button || event.detail > 1 || button.closest("[data-settling]")) return;
    write({ what: "press", name: button.id || button.classList[0] });
  }, true);
}"""

TESTIMONY = """
  const keys = Object.keys(localStorage).filter((key) => key.startsWith("witness-"));
  return keys.flatMap((key) => JSON.parse(localStorage.getItem(key)));
"""

# Every take that is kept, and how much of its sound.
KEPT = """
  const opening = indexedDB.open("speaking-sessions", 1);
  const database = await new Promise((resolve) => {
    opening.onsuccess = () => resolve(opening.result);
  });
  const asking = database.transaction("pieces").objectStore("pieces").getAll();
  const pieces = await new Promise((resolve) => {
    asking.onsuccess = () => resolve(asking.result);
  });
  database.close();
  const sizes = {};
  for (const { takeID, sound } of pieces) sizes[takeID] = (sizes[takeID] ?? 0) + sound.size;
  return sizes;
"""

# A session's deletion is asked for, and confirmed: that is no accident. What is saved is not looked
# at here.
LEFT_ALONE = "#delete, #confirm, #save, .save, .languages button"

UNAVAILABLE = 503, {"Retry-After": "1"}, '{"error": "Not now", "code": "UNAVAILABLE"}'


# How often it does what.
WEIGHTS = {
    "press": 24, "press_twice": 6, "type_key": 8, "press_start": 8, "speak": 10, "write": 2,
    "reload": 2, "close_tab": 2, "open_tab": 1, "leave": 1, "come": 1, "cut": 2, "mend": 4,
    "refuse": 2, "lose_the_answer": 2,
}  # fmt: skip


class Monkey:
    """Walks about the pages of a browser that reaches the site through `network` and `door`."""

    def __init__(self, browser, network, door, seed):
        self.browser, self.network, self.door = browser, network, door
        self.random = random.Random(seed)
        self.done = []

    def walk(self, steps):
        self.come()
        for _ in range(steps):
            [action] = self.random.choices(*zip(*WEIGHTS.items(), strict=True))
            self.done.append(action)
            try:
                getattr(self, action)()
            except WebDriverException as error:
                # The button has gone, or something lies over it: a person's click misses, too.
                self.done.append(type(error).__name__)

    # What it does

    def _buttons(self):
        found = self.browser.driver.find_elements("css selector", "main button")
        left_alone = self.browser.driver.find_elements("css selector", LEFT_ALONE)
        return [b for b in found if b not in left_alone and b.is_displayed() and b.is_enabled()]

    def _choose(self):
        buttons = self._buttons()
        return self.random.choice(buttons) if buttons else None

    def press(self):
        if button := self._choose():
            self.done.append(button.get_dom_attribute("id") or button.get_dom_attribute("class"))
            button.click()

    def press_twice(self):
        if button := self._choose():
            self.done.append(button.get_dom_attribute("id") or button.get_dom_attribute("class"))
            ActionChains(self.browser.driver, duration=20).double_click(button).perform()

    def press_start(self):
        for button in self.browser.driver.find_elements("id", "start"):
            if button.is_displayed():
                button.click()
                self.speak()

    def type_key(self):
        key = self.random.choice(["r", "u", " ", Keys.ESCAPE, Keys.ENTER, Keys.TAB])
        ActionChains(self.browser.driver).send_keys(key).perform()

    def speak(self):
        time.sleep(self.random.uniform(0.1, 3.5))

    def write(self):
        for field in self.browser.driver.find_elements("id", "topic"):
            if field.is_displayed() and field.is_enabled():
                field.send_keys(self.random.choice(["apples", "r u ready", " "]))

    def reload(self):
        if self.network.mode == "forward":
            self.browser.driver.refresh()

    def close_tab(self):
        left = self.browser.driver.current_window_handle
        self.browser.open_tab()
        shown = self.browser.driver.current_window_handle
        self.browser.show_tab(left)
        self.browser.driver.close()
        self.browser.show_tab(shown)
        self.come()

    def open_tab(self):
        self.browser.open_tab()
        self.come()

    def leave(self):
        self._go("/")

    def come(self):
        self._go("/session/new")

    def _go(self, path):
        if self.network.mode == "refuse":
            self.mend()  # the browser's own error page is nothing to walk on
        self.browser.open(path)

    def cut(self):
        self.network.set_mode("refuse")

    def mend(self):
        self.network.set_mode("forward")

    def refuse(self):
        self.door.orders.append(UNAVAILABLE)

    def lose_the_answer(self):
        self.door.orders.append("lose the answer")
