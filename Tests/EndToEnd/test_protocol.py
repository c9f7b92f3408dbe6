"""FastCGI as only a hostile or broken peer speaks it, straight to the program's socket."""

import stat

import fastcgi
import pytest
from client import assert_error
from fastcgi import PARAMS, STDIN, Peer, begin, pairs, record, stream
from forms import audio, form, text

BLOCK_BYTES = 8192  # libfcgi reads so much at a time


@pytest.fixture
def responder(stack):
    return stack.path / "responder.sock"


@pytest.fixture
def still_answers(responder):
    """What follows a bad request must be answered as ever; checked after the test."""
    yield
    assert fastcgi.ask(responder).status_code == 200


@pytest.fixture
def body():
    return form(audio(b"x" * 100_000), text("duration", "1"))


def filled_up(start, given, rest, size):
    """A request whose bytes come to exactly that size, by a parameter that means nothing."""
    others = len(start + stream(PARAMS, pairs(given)) + rest)
    # The filler's name is 1 byte long, and the lengths of name and value take 1 + 4.
    filler = ("X", "x" * (size - others - 6))
    request = start + stream(PARAMS, pairs([*given, filler])) + rest
    assert len(request) == size
    return request


def forged_request(victim, session):
    """A whole DELETE in the victim's name, as long as what the library reads at a time."""
    given = fastcgi.parameters("DELETE", f"/api/sessions/{session}", victim)
    return filled_up(begin(), given, record(STDIN), BLOCK_BYTES)


@pytest.mark.parametrize("keep_connection", [True, False])
def test_forged_request_in_a_body_left_unread_is_never_run(
    responder, alice, db, keep_connection, still_answers
):
    """The request is answered before its body is read; what is left of the body is a request of
    the client's making, aligned so that it starts wherever the library stopped reading ahead."""
    session = alice.upload()
    blocks = forged_request(alice.user, session) * 7
    given = fastcgi.upload(blocks, "text/plain", "mallory")
    # All before the body and its record's header of 8 bytes fills a block, so that each forged
    # request begins where a read ends.
    head = filled_up(begin(keep_connection), given, b"", BLOCK_BYTES - 8)
    with Peer(responder) as peer:
        peer.send(head, record(STDIN, blocks), record(STDIN))
        peer.end_sending()
        answers = fastcgi.answers_in(peer.receive_all())
    assert len(answers) == 1
    assert_error(answers[0], 415, "UNSUPPORTED_MEDIA_TYPE")
    assert db.session(session) is not None


@pytest.mark.parametrize("kept", [0, 1, 50, 50_000, -1])
def test_upload_that_breaks_off_leaves_nothing(responder, db, body, kept, still_answers):
    user = f"broken-{kept}"
    data, content_type = body
    given = fastcgi.upload(data, content_type, user)
    with Peer(responder) as peer:
        peer.send(begin(), stream(PARAMS, pairs(given)), stream(STDIN, data[:kept])[:-8])
        peer.end_sending()
        answer = peer.answer()
    assert answer is None or answer.status_code >= 400
    assert not db.session_count(user)


def test_upload_that_lacks_only_the_end_of_its_stream_leaves_nothing(responder, db, body):
    """Every byte arrived, but not the record that says so: the peer died."""
    data, content_type = body
    with Peer(responder) as peer:
        peer.send(begin(), stream(PARAMS, pairs(fastcgi.upload(data, content_type, "no-end"))))
        peer.send(stream(STDIN, data[:-2])[:-8])
        peer.end_sending()
        peer.receive_all()
    assert not db.session_count("no-end")


def test_upload_that_is_aborted_leaves_nothing(responder, db, body, still_answers):
    data, content_type = body
    with Peer(responder) as peer:
        peer.send(begin(), stream(PARAMS, pairs(fastcgi.upload(data, content_type, "aborted"))))
        peer.send(stream(STDIN, data[:50_000])[:-8], record(fastcgi.ABORT_REQUEST))
        peer.end_sending()
        answer = peer.answer()
    assert answer is None or answer.status_code >= 400
    assert not db.session_count("aborted")


@pytest.mark.parametrize("difference", [1, 1000, 10_000_000])
def test_body_shorter_than_announced_is_refused(responder, db, body, difference):
    """It ends properly, even with its final boundary; but bytes that were announced are missing."""
    data, content_type = body
    given = fastcgi.upload(data, content_type, "short", len(data) + difference)
    assert_error(fastcgi.ask(responder, given, data), 400, "INVALID_MULTIPART")
    assert not db.session_count("short")


def test_body_of_unknown_length_is_taken(responder, db, body):
    """nginx passes an empty CONTENT_LENGTH when it does not buffer a chunked request."""
    data, content_type = body
    given = [
        (name, "" if name == "CONTENT_LENGTH" else value)
        for name, value in fastcgi.upload(data, content_type, "unknown-length")
    ]
    assert fastcgi.ask(responder, given, data).status_code == 201


@pytest.mark.parametrize("kept", [0, 4, 8, 12, 16, 20, 40, 200])
def test_parameters_that_break_off_are_acted_upon_never(responder, alice, db, kept, still_answers):
    session = alice.upload()
    given = fastcgi.parameters("DELETE", f"/api/sessions/{session}", alice.user, X="x" * 300)
    whole = begin() + record(PARAMS, pairs(given))
    with Peer(responder) as peer:
        peer.send(whole[:-300][: None if kept == 200 else kept])
        peer.end_sending()
        answer = peer.answer()
    assert answer is None or answer.status_code >= 400
    assert db.session(session) is not None


def test_parameters_without_their_end_are_acted_upon_never(responder, alice, db, still_answers):
    session = alice.upload()
    given = fastcgi.parameters("DELETE", f"/api/sessions/{session}", alice.user)
    with Peer(responder) as peer:
        peer.send(begin(), record(PARAMS, pairs(given)))
        peer.end_sending()
        answer = peer.answer()
    assert answer is None or answer.status_code >= 400
    assert db.session(session) is not None


def test_request_that_comes_byte_by_byte_is_answered(responder):
    whole = begin() + stream(PARAMS, pairs(fastcgi.parameters())) + stream(STDIN, b"")
    with Peer(responder) as peer:
        for position in range(len(whole)):
            peer.send(whole[position : position + 1])
        assert peer.answer().status_code == 200


@pytest.mark.parametrize("size", [1, 7, 64, 8191, 8192, 8193])
def test_records_of_any_size_make_the_same_upload(responder, db, bucket, size):
    content = bytes(range(256)) * (8 if size < 64 else 400)
    data, content_type = form(audio(content), text("duration", "1"))
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    records = [record(STDIN, piece, padding=index % 8) for index, piece in enumerate(pieces)]
    given = fastcgi.upload(data, content_type, "pieces")
    with Peer(responder) as peer:
        peer.send(begin(), stream(PARAMS, pairs(given)), *records, record(STDIN))
        answer = peer.answer()
    assert answer.status_code == 201, answer.text
    assert bucket.get(db.session(answer.json()["id"])["audioUrl"])[0] == content


def test_second_request_on_a_connection_does_no_harm_to_the_first(responder):
    second = record(fastcgi.BEGIN_REQUEST, b"\0\1\0\0\0\0\0\0", request_id=2)
    with Peer(responder) as peer:
        peer.send(begin(), second, stream(PARAMS, pairs(fastcgi.parameters())), stream(STDIN, b""))
        answers = fastcgi.answers_in(peer.receive_all())
    assert [answer.status_code for answer in answers] == [200]


@pytest.mark.parametrize(
    "noise",
    [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\0" * 100, b"\xff" * 100, begin()[:5], b""],
    ids=["HTTP", "zeros", "ones", "half a record", "nothing"],
)
def test_peer_that_speaks_something_else_is_dropped(responder, noise, still_answers):
    with Peer(responder) as peer:
        peer.send(noise)
        peer.end_sending()
        assert peer.receive_all()[:7] != b"Status:"


def test_peers_that_say_nothing_do_not_stop_the_service(sites):
    """More silent peers than workers: their connections run into a timeout, and the next in line
    is answered."""
    site = sites.responder(workers=2)
    silent = [Peer(site.socket) for _ in range(4)]
    try:
        assert fastcgi.ask(site.socket, timeout=60).status_code == 200
    finally:
        for peer in silent:
            peer.socket.close()


def test_socket_is_open_to_its_owner_and_group_only(responder):
    found = responder.stat()
    assert stat.S_ISSOCK(found.st_mode)
    assert stat.S_IMODE(found.st_mode) == 0o660


def test_many_connections_at_once_are_all_answered(responder):
    """More than the default backlog of 128, opened before any of them is served."""
    peers = [Peer(responder, 60) for _ in range(400)]
    request = begin() + stream(PARAMS, pairs(fastcgi.parameters())) + stream(STDIN, b"")
    for peer in peers:
        peer.send(request)
    assert [peer.answer().status_code for peer in peers] == [200] * 400
    for peer in peers:
        peer.socket.close()
