"""Listening to a recording on a page, by the page's player."""

LISTEN_AND_SEEK = """
  const [id, place] = given;
  const audio = document.getElementById(id);
  const until = (name) => new Promise((resolve, reject) => {
    audio.addEventListener(name, resolve, { once: true });
    audio.onerror = () => reject(new Error(audio.error.message));
  });
  while (audio.currentTime < 0.2) await until("timeupdate");
  audio.pause();
  while (!Number.isFinite(audio.duration)) await until("durationchange");
  audio.currentTime = place;
  await until("seeked");
  return [audio.currentTime, audio.duration];
"""


def listen_and_seek(browser, place, id="audio"):
    """Hears its beginning, and goes there; returns where it is then, and the length."""
    browser.wait_for("button", "Play")
    browser.run("document.getElementById(given[0]).muted = true;", id)
    browser.press("Play")
    return browser.run(LISTEN_AND_SEEK, id, place)
