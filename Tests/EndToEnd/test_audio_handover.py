"""Recordings that nginx fetches from storage itself, by the address that the program gives it.

test_audio.py has what a client sees of it: in the stack recordings come this way.
"""

import pytest
from certificates import make_certificate
from client import Client, assert_error, header_values
from test_audio import DATA
from tls_server import TLSServer

from stack.ports import free_port

RECORDING = (
    b'HTTP/1.1 200 OK\r\nContent-Type: audio/webm\r\nContent-Length: 5\r\nETag: "e"\r\n'
    b"x-amz-request-id: 1\r\nx-amz-id-2: 2\r\nSet-Cookie: a=b\r\nCache-Control: public\r\n"
    b"X-Accel-Redirect: /elsewhere\r\n\r\nsound"
)
SECRET_WORDS = ("X-Amz-Signature", "X-Amz-Credential", "x-amz-signature")


def refusal(status, body=b"<Error><Code>Whatever</Code><BucketName>b</BucketName></Error>"):
    head = b"HTTP/1.1 %d X\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n"
    return head % (status, len(body)) + body


@pytest.fixture
def path(alice):
    return f"/api/sessions/{alice.upload(DATA)}/audio"


@pytest.fixture
def store(tmp_path):
    """A store that answers as it is told; nginx trusts its authority."""
    authority = make_certificate(tmp_path / "ca")
    with TLSServer(make_certificate(tmp_path / "server", authority), RECORDING) as store:
        store.authority = authority.chain
        yield store


@pytest.fixture
def visit(sites, alice):
    """A client whose recordings nginx fetches from that port."""

    def visit(port, authority, headers=None):
        endpoint = f"https://localhost:{port}"
        responder = sites.responder(R2_ENDPOINT=endpoint, R2_CA_FILE=authority)
        front = sites.nginx(responder.socket, storage=(endpoint, authority))
        front.add_user(alice.user)
        client = Client(front.url, alice.user, headers)
        client.front, client.responder = front, responder
        return client

    return visit


def test_store_gets_nothing_of_the_clients_but_the_range(visit, store, path):
    headers = {"Cookie": "session=secret", "User-Agent": "Player", "X-Own": "own"}
    client = visit(store.port, store.authority, headers)
    assert client.get(path, headers={"Range": "bytes=1-2"}).content == b"sound"
    head = store.received.decode().lower()
    names = {line.split(":")[0] for line in head.split("\r\n")[1:] if line}
    assert names == {"host", "range"}
    assert f"host: localhost:{store.port}\r\n" in head
    assert "range: bytes=1-2\r\n" in head


def test_client_gets_nothing_of_the_stores_but_the_recording(visit, store, path):
    response = visit(store.port, store.authority).get(path)
    assert response.content == b"sound"
    names = {name.lower() for name in response.headers}
    assert not [name for name in names if name.startswith(("x-amz", "x-accel", "x-sessions"))]
    assert "set-cookie" not in names
    assert header_values(response, "Cache-Control") == ["private, no-store"]
    assert header_values(response, "Content-Type") == ["audio/webm"]


@pytest.mark.parametrize("status", [400, 403, 405, 429, 500, 501, 503])
def test_refusal_of_the_store_is_ours_to_the_client(visit, store, path, status):
    store.answer = refusal(status)
    response = visit(store.port, store.authority).get(path)
    assert_error(response, 503, "STORAGE_UNAVAILABLE")
    assert int(response.headers["Retry-After"]) > 0


def test_recording_that_the_store_does_not_have(visit, store, path):
    store.answer = refusal(404)
    assert_error(visit(store.port, store.authority).get(path), 404, "SESSION_NOT_FOUND")


@pytest.mark.parametrize("wrong", ["name", "authority", "date"])
def test_store_whose_certificate_does_not_hold_gets_no_request(visit, tmp_path, path, wrong):
    authority = make_certificate(tmp_path / "ca")
    other = make_certificate(tmp_path / "other")
    certificate = make_certificate(
        tmp_path / "server",
        other if wrong == "authority" else authority,
        name="elsewhere.example" if wrong == "name" else "localhost",
        days=-1 if wrong == "date" else 30,
    )
    with TLSServer(certificate, RECORDING) as store:
        response = visit(store.port, authority.chain).get(path)
        assert_error(response, 503, "STORAGE_UNAVAILABLE")
        assert store.received == b""


def test_address_is_in_no_log(visit, store, path):
    client = visit(store.port, store.authority)
    client.get(path)
    store.answer = refusal(500)
    client.get(path)
    store.answer = b""
    client.get(path)
    assert b"X-Amz-Signature=" in store.received and b"X-Amz-Expires=60" in store.received
    logs = [client.responder.log_text(), client.front.log_text()]
    logs.append(client.front.run.log(f"{client.front.name}-access").read_text())
    assert path in logs[-1]
    for log in logs:
        assert not [word for word in SECRET_WORDS if word in log]


def test_program_steps_in_where_nginx_cannot_reach_the_store(sites, stack, alice, path):
    responder = sites.responder()
    nowhere = f"https://localhost:{free_port()}"
    front = sites.nginx(responder.socket, storage=(nowhere, stack.env["R2_CA_FILE"]))
    front.add_user(alice.user)
    response = Client(front.url, alice.user).get(path, headers={"Range": "bytes=10-19"})
    assert response.status_code == 206 and response.content == DATA[10:20]


def test_client_cannot_ask_for_the_address(sites, alice, path):
    """Where nginx does not fetch recordings, no header makes the program give the address away."""
    client = sites.client(alice.user, {"X-Accel": "on", "X_ACCEL": "on"})
    response = client.get(path)
    assert response.content == DATA
    assert "X-Sessions-Recording" not in response.headers


def test_program_streams_where_nginx_does_not_fetch(sites, alice, path):
    client = sites.client(alice.user)
    response = client.get(path, headers={"Range": "bytes=10-19"})
    assert response.status_code == 206 and response.content == DATA[10:20]
    assert client.head(path).headers["Content-Length"] == str(len(DATA))
