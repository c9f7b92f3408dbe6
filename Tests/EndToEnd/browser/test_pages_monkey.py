"""Random walks over the recorder's page: nothing that was said is lost, or sent unasked or twice.

A walk that fails is done again by its seed: MONKEY_SEED=<seed>. scripts/soak does many
(MONKEY_WALKS).
"""

import os
import random
from collections import Counter
from urllib.parse import urlsplit

import pytest
from browser import in_both
from monkey import KEPT, TESTIMONY, UNAVAILABLE, WITNESS, Monkey
from proxy import Proxy
from waiting import wait_until

STEPS = 25
WALKS = int(os.environ.get("MONKEY_WALKS", 5))
# A take that is shorter is not worth keeping; of a longer one as much may be lost at its end.
LOSS_SECONDS = 2

SEEDS = (
    [int(os.environ["MONKEY_SEED"])]
    if "MONKEY_SEED" in os.environ
    else [None] * WALKS  # each process of the tests has to find the same names
)


@in_both
@pytest.mark.parametrize("seed", SEEDS, ids=[f"walk{n}" for n in range(len(SEEDS))])
def test_random_walk(new_browser, stack, door, db, bucket, seed):
    seed = random.SystemRandom().randrange(10**9) if seed is None else seed
    print(f"MONKEY_SEED={seed}")
    with Proxy("127.0.0.1", urlsplit(door.url).port) as network:
        browser = new_browser(url=f"http://{network.address}")
        # The console tells of each request that fails or is broken off, and of each script that is
        # cut off; all else would be a fault of the page.
        browser.expected += ["Failed to load resource", "net::ERR_", "error loading dynamically"]
        browser.expected += ["SyntaxError", "A ServiceWorker intercepted the request"]
        browser.expected += ["occurred when fetching the script"]  # the worker's
        browser.before_pages(WITNESS)
        monkey = Monkey(browser, network, door, seed)
        monkey.walk(STEPS)
        print(" ".join(monkey.done))
        network.set_mode("forward")
        door.orders.clear()
        browser.open("/session/new")
        browser.wait(lambda: browser.state() != "loading", "the page")
        seen, kept = browser.run(TESTIMONY), browser.run(KEPT)
        browser.driver.get("about:blank")  # else it misses the network when that goes
    user = browser.user
    wait_until(lambda: not uploads_under_way(db, user), "the uploads' end", seconds=60)
    stored = stored_sizes(db, bucket, user)
    takes = takes_of(seen)
    print(f"{len(takes)} takes, {len(kept)} kept, {len(stored)} stored, {len(door.uploads)} sent")
    assert_nothing_is_lost(takes, seen, kept, stored)
    assert_nothing_was_sent_unasked(seen, door)
    assert db.session_count(user) == len(stored), "a session that no take accounts for"


def uploads_under_way(db, user):
    query = """
        SELECT count(*) FROM sessions_fcgi.jobs JOIN sessions_fcgi.uploads USING ("sessionId")
        WHERE kind = 'upload' AND "externalId" = %s"""
    return db.value(query, user)


def stored_sizes(db, bucket, user):
    """How large the recording of each take is that the server has."""
    query = """
        SELECT "idempotencyKey", "audioUrl" FROM sessions_fcgi.uploads
        JOIN speaking_sessions ON id = "sessionId"
        WHERE "externalId" = %s AND "completedAt" IS NOT NULL"""
    return {key: len(bucket.get(url)[0]) for key, url in db.execute(query, (user,))}


def takes_of(seen):
    """For each take the sound that must be there, in bytes: what was recorded of it."""
    takes = {}
    for start in (entry for entry in seen if entry["what"] == "start"):
        entries = [e for e in seen if e.get("recorder") == start["recorder"]]
        sounds = sorted((e for e in entries if e["what"] == "sound"), key=lambda e: e["at"])
        if not sounds:
            continue
        last = sounds[-1]["at"]
        ended = any(entry["what"] == "stop" for entry in entries)
        recorded = last - start["at"] - paused(entries, last)
        enough = recorded > LOSS_SECONDS * 1000
        safe = [e["size"] for e in sounds if ended or last - e["at"] >= LOSS_SECONDS * 1000]
        [id] = {entry["id"] for entry in entries if entry["what"] == "kept"} or [None]
        assert id or not enough, f"a recording of {recorded} ms was never kept"
        if enough:
            takes[id] = sum(safe)
    return takes


def paused(entries, end):
    """For how many of the milliseconds before `end`."""
    since, total = None, 0
    for entry in sorted(entries, key=lambda entry: entry["at"]):
        if entry["what"] == "pause":
            since = entry["at"]
        elif entry["what"] == "resume" and since is not None:
            total, since = total + entry["at"] - since, None
    return total + (max(0, end - since) if since is not None else 0)


def assert_nothing_is_lost(takes, seen, kept, stored):
    presses = Counter(entry["name"] for entry in seen if entry["what"] == "press")
    missing = [
        f"{id}: {size} bytes, {kept.get(id, 0)} kept, {stored.get(id, 0)} stored"
        for id, size in takes.items()
        if max(kept.get(id, 0), stored.get(id, 0)) < size
    ]
    assert len(missing) <= presses["discard"], missing


def assert_nothing_was_sent_unasked(seen, door):
    presses = Counter(entry["name"] for entry in seen if entry["what"] == "press")
    sent = {headers.get("Idempotency-Key") for headers in door.uploads}
    if not presses["upload-all"]:
        assert len(sent) <= presses["upload"] + presses["send"], (sent, presses)


def test_the_witness_sees(new_browser, door):
    """A walk proves something only if what it goes by is written down."""
    browser = new_browser(url=door.url)
    browser.expected.append("503")
    browser.before_pages(WITNESS)
    browser.record(3)
    seen, kept = browser.run(TESTIMONY), browser.run(KEPT)
    [(id, size)] = takes_of(seen).items()
    assert kept == {id: size}
    with pytest.raises(AssertionError, match="0 kept, 0 stored"):
        assert_nothing_is_lost(takes_of(seen), seen, {}, {})
    door.orders.append(UNAVAILABLE)
    browser.press("Upload & Analyze")
    browser.wait(lambda: door.uploads, "the upload")
    seen = browser.run(TESTIMONY)
    assert_nothing_was_sent_unasked(seen, door)
    with pytest.raises(AssertionError):
        unpressed = [entry for entry in seen if entry["what"] != "press"]
        assert_nothing_was_sent_unasked(unpressed, door)
    browser.wait_for_session()
