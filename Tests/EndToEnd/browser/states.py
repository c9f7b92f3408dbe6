"""Every state of the pages, and how to get there: for looking at them and for judging them.

Each function brings a browser, whose site is a `Door`, into the state of its name.
"""

import json
from contextlib import contextmanager

UNAVAILABLE = (503, {"Retry-After": "40"}, json.dumps({
    "error": "The service is not available, try again later", "code": "UNAVAILABLE",
}))  # fmt: skip
TOO_LARGE = (413, {}, json.dumps({
    "error": "The file is larger than 50 MiB (52428800 bytes)", "code": "INVALID_FILE",
}))  # fmt: skip
# Goes to that part of the recording and stands there.
STAND = """
  const [id, part] = given;
  const audio = document.getElementById(id);
  audio.pause();
  audio.currentTime = audio.duration * part;
  await new Promise((resolve) => audio.addEventListener("seeked", resolve, { once: true }));
"""
TRANSCRIPT = (
    "Yesterday I went to the market and I buyed some apples. Then I have met an old friend, and "
    "we talked about the summer that we spent beside the sea. We have eaten the apples on the way "
    "home, and it was, um, it was a very nice day."
)
INSIGHTS = [
    ("Fillers", "fluency", "low", 2, "Short pauses are fine: nobody needs a sound in them.",
     None, "Breathe where you would say “um”."),
    ("Irregular verbs", "grammar", "high", 1, "Some verbs have a past tense of their own.",
     [{"said": "I buyed some apples", "better": "I bought some apples"}],
     "Learn buy, bring, catch and teach together: they sound alike in the past."),
    ("Perfect or past", "grammar", "medium", 2, "“Yesterday” wants the simple past.",
     ["Then I have met an old friend", "We have eaten the apples"], None),
]  # fmt: skip


def fill(client, db):
    """Sessions of every status for that user; returns the id of the one that is done."""
    topics = [
        ("My first day at work", "UPLOADED", "48"), ("Why I like rainy days", "FAILED", "75"),
        ("Ordering in a restaurant", "TRANSCRIBING", "122"), ("", "UPLOADED", "34"),
        ("A film that I would watch again, and one that I would not", "DONE", "611"),
        ("Small talk", "DONE", "93"), ("My home town", "DONE", "187"),
        ("The weather", "DONE", "29"), ("A recipe", "DONE", "240"), ("A long walk", "DONE", "4210"),
        ("Introducing myself", "DONE", "61"),
    ]  # fmt: skip
    for topic, status, duration in reversed(topics):
        id = client.upload(topic=topic, duration=duration)
        set_status(db, id, status)
    done = client.upload(client.speech, "audio/webm", topic="The market and the sea", duration="8")
    db.execute(
        'INSERT INTO transcripts (id, "sessionId", text, "wordCount") VALUES (%s, %s, %s, 51)',
        [f"t{done}", done, TRANSCRIPT],
    )
    for pattern, category, severity, frequency, detail, examples, suggestion in INSIGHTS:
        db.execute(
            'INSERT INTO insights (id, "sessionId", category, pattern, detail, frequency, severity,'
            " examples, suggestion) VALUES (md5(random()::text), %s, %s, %s, %s, %s, %s, %s, %s)",
            [done, category, pattern, detail, frequency, severity,
             examples and json.dumps(examples), suggestion],
        )  # fmt: skip
    db.execute(
        'UPDATE speaking_sessions SET "focusNext" = %s WHERE id = %s',
        ["Tell a story of yesterday, and use five irregular verbs in it.", done],
    )
    set_status(db, done, "DONE")
    return done


def set_status(db, id, status):
    db.execute("UPDATE speaking_sessions SET status = %s WHERE id = %s", [status, id])


def list_empty(scene):
    with scene.nobody_known():
        scene.browser.open("/")
        scene.browser.wait_for_state("empty")


def list_full(scene):
    scene.browser.open("/")
    scene.browser.wait_for_state("list")


def list_found(scene):
    scene.browser.open("/?q=w&status=DONE")
    scene.browser.wait_for_text("sessions found")


def list_nothing_found(scene):
    scene.browser.open("/?q=the+sea+at+night")
    scene.browser.wait_for_state("none")


def list_failed(scene):
    with scene.api_answers(UNAVAILABLE):
        scene.browser.open("/")
        scene.browser.wait_for_state("failed")


def new_idle(scene):
    scene.browser.open("/session/new")
    scene.browser.wait_for_state("idle")


def new_settings(scene):
    new_idle(scene)
    scene.browser.driver.find_element("css selector", "#settings summary").click()
    scene.browser.wait_for("field", "Microphone")
    scene.browser.run("document.getElementById('settings').scrollIntoView({ block: 'end' });")


def new_checking(scene):
    new_idle(scene)
    scene.browser.press("Check the Microphone")
    scene.browser.wait_for_text("We hear you well.")


def new_dropping(scene):
    new_idle(scene)
    scene.browser.run(
        """const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(["sound"], "take.wav"));
        const options = { bubbles: true, cancelable: true, dataTransfer };
        document.querySelector("h1").dispatchEvent(new DragEvent("dragover", options));"""
    )


def new_recording(scene):
    new_idle(scene)
    new_recording_here(scene, "The market and the sea")


def new_recording_here(scene, topic):
    scene.browser.wait_for("field", "Topic (optional)").send_keys(topic)
    scene.browser.press("Start Speaking Session")
    scene.browser.wait(lambda: scene.browser.elapsed() >= 3, "3 s")


def new_paused(scene):
    new_recording(scene)
    scene.browser.press("Pause")
    scene.browser.wait_for_state("paused")


def new_stopped(scene):
    new_recording(scene)
    scene.browser.press("Stop Session")
    scene.browser.wait_for_state("stopped")


def new_listened_to(scene):
    new_stopped(scene)
    listen(scene, "preview")


def new_listened_to_in_the_list(scene):
    new_kept_for_later(scene)
    scene.browser.driver.find_element("css selector", "#unsent-list .play").click()
    scene.browser.wait_for("button", "Pause").click()


def listen(scene, id):
    """Stands in a stretch that is repeated, the waveform drawn."""
    scene.browser.press("Play")
    drawn = (
        f"return document.querySelector('#{id} ~ .player path').getAttribute('d').includes('v');"
    )
    scene.browser.wait(lambda: scene.browser.run(drawn), "a waveform")
    for part, name in ((0.25, "Repeat from Here"), (0.6, "Repeat to Here")):
        scene.browser.run(STAND, id, part)
        scene.browser.press(name)
    scene.browser.wait_for_text("Repeats from")


def new_uploading(scene):
    new_stopped(scene)
    scene.browser.network(upload_bytes_per_second=4000)
    scene.browser.press("Upload & Analyze")
    scene.browser.wait(
        lambda: scene.browser.by_id("progress").get_property("value") > 0.3, "progress"
    )


def new_waiting_to_try_again(scene):
    new_stopped(scene)
    scene.door.orders = [UNAVAILABLE]
    scene.browser.press("Upload & Analyze")
    scene.browser.wait_for_text("Trying again")


def new_upload_failed(scene):
    new_stopped(scene)
    scene.door.orders = [TOO_LARGE]
    scene.browser.press("Upload & Analyze")
    scene.browser.wait_for_text("larger than 50 MiB")


def new_discarded(scene):
    new_stopped(scene)
    scene.browser.press("Discard & Retry")
    scene.browser.wait_for("button", "Undo")


def new_reading(scene):
    new_discarded(scene)
    never = "({ objectStore: () => ({ put() {} }), commit() {} })"
    scene.browser.run(f"IDBDatabase.prototype.transaction = () => {never};")
    scene.browser.press("Undo")
    scene.browser.wait_for_state("reading")


def new_kept_for_later(scene):
    new_stopped(scene)
    scene.browser.press("Keep It and Record Another")
    scene.browser.wait_for_text("1 recording has not been uploaded yet.")


def new_sent_behind(scene):
    """One that waits and one that has failed, below a recording."""
    new_upload_failed(scene)
    scene.browser.press("Keep It and Record Another")
    new_recording_here(scene, "Another day")
    scene.browser.press("Stop Session")
    scene.browser.wait_for_state("stopped")
    scene.door.orders = [UNAVAILABLE]
    scene.browser.press("Upload & Analyze")
    scene.browser.wait_for_text("Trying again")
    scene.browser.press("Record Another Meanwhile")
    scene.browser.wait_for_text("Trying again")
    new_recording_here(scene, "A third one")


def new_offered_again(scene):
    new_stopped(scene)
    scene.browser.open("/session/new")
    scene.browser.wait_for_text("has not been uploaded yet.")


def list_with_unsent(scene):
    new_stopped(scene)
    scene.browser.open("/")
    scene.browser.wait_for_text("1 recording has not been uploaded yet.")


def new_microphone_blocked(scene):
    scene.browser.before_pages(
        "navigator.mediaDevices.getUserMedia = async () => {"
        " throw new DOMException('', 'NotAllowedError'); };"
    )
    new_idle(scene)
    scene.browser.press("Start Speaking Session")
    scene.browser.wait_for_text("The microphone is blocked")


def new_unsupported(scene):
    scene.browser.before_pages("delete window.MediaRecorder;")
    scene.browser.open("/session/new")
    scene.browser.wait_for_state("unsupported")


def new_insecure(scene):
    scene.browser.before_pages(
        "Object.defineProperty(window, 'isSecureContext', { value: false });"
    )
    scene.browser.open("/session/new")
    scene.browser.wait_for_state("insecure")


def session_done(scene):
    open_session(scene, scene.done)


def session_listened_to(scene):
    session_done(scene)
    listen(scene, "audio")


def session_waiting(scene):
    recording = (scene.client.speech, "audio/webm")
    open_session(scene, scene.client.upload(*recording, topic="Small talk", duration="8"))


def open_session(scene, id):
    scene.browser.open(f"/session/{id}")
    scene.browser.wait_for_state("session")
    known = "return Number.isFinite(document.getElementById('audio').duration);"
    scene.browser.wait(lambda: scene.browser.run(known), "the recording's length")
    scene.browser.wait_for("button", "Play")


def session_takes(scene):
    """Three of them, while the first is heard."""
    recording = (scene.client.speech, "audio/webm")
    for _ in range(2):
        scene.client.upload(*recording, topic="The market and the sea", duration="8")
    session_done(scene)
    scene.browser.press("Play All")
    scene.browser.run("document.getElementById('takes').scrollIntoView({ block: 'center' });")


def session_place(scene):
    session_done(scene)
    scene.browser.follow("In the transcript")
    scene.browser.wait_for("button", "Back to the Insight")


def session_deletion(scene):
    session_done(scene)
    scene.browser.press("Delete Session")
    scene.browser.wait_for("button", "Keep")


def session_missing(scene):
    scene.browser.open("/session/cnosuchsession")
    scene.browser.wait_for_state("missing")


def session_failed(scene):
    with scene.api_answers(UNAVAILABLE):
        scene.browser.open(f"/session/{scene.done}")
        scene.browser.wait_for_state("failed")


def site_signed_out(scene):
    scene.browser.driver.get(scene.door.url + "/signed-out-as-it-looks")
    scene.browser.wait_for_text("You are not signed in")


def site_not_found(scene):
    scene.browser.open("/nothing")
    scene.browser.wait_for_text("There is nothing here")


STATES = [
    list_empty, list_full, list_found, list_nothing_found, list_failed, list_with_unsent,
    new_idle, new_settings, new_checking, new_dropping, new_recording, new_paused, new_stopped,
    new_listened_to, new_listened_to_in_the_list, new_uploading, new_waiting_to_try_again,
    new_upload_failed, new_discarded, new_reading, new_kept_for_later, new_sent_behind,
    new_offered_again,
    new_microphone_blocked, new_unsupported, new_insecure,
    session_done, session_listened_to, session_takes, session_place, session_waiting,
    session_deletion, session_missing,
    session_failed,
    site_signed_out, site_not_found,
]  # fmt: skip


class Scene:
    """A browser, the door it goes through, its user, and the id of the session that is done."""

    def __init__(self, browser, door, client, done):
        self.browser, self.door, self.client, self.done = browser, door, client, done

    @contextmanager
    def api_answers(self, order):
        self.door.api_order = order
        try:
            yield
        finally:
            self.door.api_order = None

    def nobody_known(self):
        empty = {"sessions": [], "total": 0, "page": 1, "limit": 10}
        return self.api_answers((200, {}, json.dumps(empty)))
