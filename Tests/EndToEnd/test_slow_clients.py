"""Clients that send their uploads a few bytes at a time, many of them."""

import asyncio
import base64
import time
from urllib.parse import urlsplit

import fastcgi
import pytest
from client import Client, assert_error
from fastcgi import PARAMS, STDIN, Peer, begin, pairs, record, stream
from private_stack import PASSWORD

BUFFERING_OFF = (
    "fastcgi.conf", "fastcgi_request_buffering on;", "fastcgi_request_buffering off;"
)  # fmt: skip
HEAD = (
    "POST /api/sessions HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {}\r\n"
    "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000000\r\n\r\n"
    "--b\r\nContent-Disposition: form-data; name=audio; filename=a\r\n"
    "Content-Type: audio/webm\r\n\r\n"
)


def head(user):
    token = base64.b64encode(f"{user}:{PASSWORD}".encode()).decode()
    return HEAD.format(token).encode()


async def trickle(url, user, ended):
    """Sends a byte every half second; the status of the answer, None if there was none."""
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        writer.write(head(user))
        answer = asyncio.create_task(reader.readline())
        while not ended.is_set() and not answer.done():
            writer.write(b"x")
            await asyncio.wait([answer], timeout=0.5)
        line = (await answer) if answer.done() else answer.cancel() and b""
        return int(line.split()[1]) if line else None
    finally:
        writer.close()


def get_seconds(client, count):
    """How long each of so many GETs takes."""
    taken = []
    for _ in range(count):
        started = time.monotonic()
        assert client.get(timeout=20).status_code == 200
        taken.append(time.monotonic() - started)
    return taken


@pytest.mark.alone
def test_a_thousand_leave_gets_unhurt(sites):
    """As shipped, nginx takes the whole body before a worker sees it."""
    client = sites.client("slow", workers=4)

    async def run():
        ended = asyncio.Event()
        slow = [asyncio.create_task(trickle(client.url, client.user, ended)) for _ in range(1000)]
        await asyncio.sleep(3)
        other = Client(client.url, client.user)
        taken = await asyncio.to_thread(get_seconds, other, 50)
        assert not any(task.done() for task in slow), next(t for t in slow if t.done())
        ended.set()
        await asyncio.gather(*slow)
        return sorted(taken)

    taken = asyncio.run(asyncio.wait_for(run(), 60))
    # Far above what a GET takes on a busy machine, far below what waiting for a worker would.
    assert taken[len(taken) // 2] < 1, taken
    assert client.responder.log_text().count("route=create") == 0


def test_workers_are_freed_where_uploads_are_passed_on(sites):
    """Buffering off: the deadline of the program ends what would hold its workers for ever."""
    responder = sites.responder(workers=2, UPLOAD_DEADLINE_SECONDS=2)
    front = sites.nginx(responder.socket, edits=[BUFFERING_OFF])
    client = Client(front.url, "slow")
    front.add_user("slow")

    async def run():
        ended = asyncio.Event()
        slow = [asyncio.create_task(trickle(front.url, "slow", ended)) for _ in range(6)]
        await asyncio.sleep(0.5)
        # Six uploads on two workers, each for two seconds, and then it is the GET's turn.
        response = await asyncio.to_thread(client.get, timeout=30)
        assert response.status_code == 200
        return await asyncio.wait_for(asyncio.gather(*slow), 30)

    assert asyncio.run(run()) == [408] * 6
    assert responder.log_text().count("code=REQUEST_TIMEOUT") == 6
    assert responder.temporary_files() == []


@pytest.mark.parametrize("name", ["UPLOAD_MIN_BYTES_PER_SECOND", "UPLOAD_DEADLINE_SECONDS"])
@pytest.mark.parametrize("value", ["-1", "1.5", "x", "99999999999999999999"])
def test_settings_are_whole_numbers(sites, name, value):
    site = sites.responder(ready=False, **{name: value})
    assert site.wait() != 0
    assert name in site.log_text()


def test_deadline_holds_on_the_socket_itself(sites):
    site = sites.responder(workers=1, UPLOAD_DEADLINE_SECONDS=1)
    given = fastcgi.upload(b"", "multipart/form-data; boundary=b", "slow", length=1_000_000)
    part = HEAD[HEAD.index("--b") :].encode()
    with Peer(site.socket) as peer:
        peer.send(begin(), stream(PARAMS, pairs(given)), record(STDIN, part))
        started = time.monotonic()
        peer.socket.settimeout(0.2)
        received = b""
        while time.monotonic() - started < 20:
            try:
                received = peer.socket.recv(65536)
                break
            except TimeoutError:
                peer.send(record(STDIN, b"x"))
    [answer] = fastcgi.answers_in(received) or [None]
    assert_error(answer, 408, "REQUEST_TIMEOUT")
