"""What one browser recorded is heard in another."""

import pytest

LISTEN_AND_SEEK = """
  const audio = document.getElementById("audio");
  audio.muted = true;
  await audio.play();
  const until = (name) => new Promise((resolve, reject) => {
    audio.addEventListener(name, resolve, { once: true });
    audio.onerror = () => reject(new Error(audio.error.message));
  });
  while (audio.currentTime < 0.2) await until("timeupdate");
  audio.pause();
  audio.currentTime = 1.5;
  await until("seeked");
  return [audio.currentTime, audio.duration];
"""


@pytest.mark.parametrize("recording, listening", [("chromium", "firefox")])
def test_recorded_in_one_browser_and_heard_in_another(new_browser, db, recording, listening):
    recorder = new_browser(kind=recording)
    recorder.record(3)
    recorder.press("Upload & Analyze")
    id = recorder.wait_for_session()
    listener = new_browser(kind=listening, user=recorder.user)
    listener.open(f"/session/{id}")
    listener.wait_for_state("session")
    place, length = listener.run(LISTEN_AND_SEEK)
    assert abs(place - 1.5) < 0.1
    assert abs(length - db.session(id)["durationSecs"]) <= 1
