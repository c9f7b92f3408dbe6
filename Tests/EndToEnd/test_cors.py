"""What pages of other origins are told, by the program and by nginx: CORS.

browser/test_other_origins.py has what a browser makes of it.
"""

import base64
import socket
from urllib.parse import urlsplit

import fastcgi
import pytest
from client import Client, assert_error, check_headers, header_values, send_raw
from forms import audio, text
from private_stack import PASSWORD
from proxy import Proxy

from stack.ports import free_port

LISTED = "https://app.example"
OTHER = "https://evil.example"
EXPOSED = "Location, Retry-After, X-Request-Id, Content-Range, Accept-Ranges"
PREFLIGHT = {"Access-Control-Request-Method": "POST"}
MAP = f"""
    map $http_origin $sessions_allowed_origin {{
        default     "";
        "{LISTED}"  $http_origin;
    }}
"""
HEADERS = ("Allow-Origin", "Allow-Credentials", "Expose-Headers")


@pytest.fixture
def site(sites, stack):
    """nginx and a responder that list one origin, and a client of theirs."""
    responder = sites.responder(ALLOWED_ORIGINS=f"{LISTED}:443")

    def start(socket=responder.socket, identity="basic", server="", http="", edits=()):
        front = sites.nginx(
            socket, identity, http=MAP + http, edits=edits,
            server="include sessions-fcgi/cors.conf;" + server,
            storage=(stack.env["R2_ENDPOINT"], stack.env["R2_CA_FILE"]),
        )  # fmt: skip
        client = Client(front.url, "demo")
        client.front, client.responder = front, responder
        return client

    return start


def assert_readable(response, origin=LISTED):
    found = [header_values(response, f"Access-Control-{name}") for name in HEADERS]
    assert found == [[origin], ["true"], [EXPOSED]]
    assert header_values(response, "Vary") == ["Origin"]


def assert_unreadable(response, vary=("Origin",)):
    assert not [name for name in response.headers if name.lower().startswith("access-control-")]
    assert header_values(response, "Vary") == list(vary)


def look_at_everything(client, check, origin):
    """Gives `check` responses of every kind, whoever makes them, to reading requests."""
    session = client.upload(bytes(range(100)))
    headers = {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
    stranger = Client(client.url, None)
    for asker, method, path, status, more in [
        (client, "GET", "", 200, {}),
        (client, "HEAD", "", 200, {}),
        (client, "OPTIONS", "", 204, {}),
        (client, "GET", f"/{session}", 200, {}),
        (client, "GET", f"/{session}/audio", 200, {}),
        (client, "HEAD", f"/{session}/audio", 200, {}),
        (client, "GET", f"/{session}/audio", 206, {"Range": "bytes=1-2"}),
        (client, "GET", f"/{session}/audio", 416, {"Range": "bytes=100-"}),
        (client, "GET", "?page=0", 400, {}),
        (client, "GET", "/unknown", 404, {}),
        (client, "PUT", "", 405, {}),
        # nginx's own
        (stranger, "GET", "", 401, {}),
        (client, "TRACE", "", 405, {}),
    ]:
        response = asker.request(method, f"/api/sessions{path}", headers={**headers, **more})
        assert response.status_code == status, (method, path)
        check(response)
    for lines, status, code in [
        (b"Host: x\r\nContent-Length: 60000000", 413, "INVALID_FILE"),
        (b"Host: x\r\nHost: y", 400, "BAD_REQUEST"),
        (b"Host: x\r\nX: " + b"x" * 40_000, 400, "BAD_REQUEST"),
    ]:
        head = b"POST /api/sessions HTTP/1.1\r\nOrigin: %b\r\n%b\r\n\r\n"
        answer = send_raw(client.url, head % (origin.encode(), lines))
        assert_error(answer, status, code)
        check(answer)


@pytest.mark.smoke
def test_every_response_can_be_read_by_a_listed_origin(site):
    look_at_everything(site(), assert_readable, LISTED)


def test_no_response_can_be_read_by_another_origin(site):
    client = site()
    for origin in (OTHER, "null", "http://app.example"):
        look_at_everything(client, assert_unreadable, origin)


def test_without_a_list_nothing_is_said(alice):
    look_at_everything(alice, lambda response: assert_unreadable(response, ()), LISTED)


@pytest.mark.smoke
def test_listed_origin_uploads_and_deletes_from_another_site(site, db):
    client = site()
    headers = {"Origin": LISTED, "Sec-Fetch-Site": "cross-site", "Idempotency-Key": "one"}
    form = [audio(), text("duration", "1"), text("topic", "cors")]
    uploaded = client.post(*form, headers=headers)
    assert uploaded.status_code == 201
    assert_readable(uploaded)
    mismatch = client.post(audio(b"other"), text("duration", "1"), headers=headers)
    assert_error(mismatch, 422, "IDEMPOTENCY_MISMATCH")
    assert_readable(mismatch)
    deleted = client.delete(uploaded.headers["Location"], headers=headers)
    assert deleted.status_code == 200
    assert_readable(deleted)
    assert not db.session(uploaded.json()["id"])


def test_other_origin_stores_and_deletes_nothing(site, db):
    client = site()
    session = client.upload()
    before = db.session_count("demo")
    for origin in (OTHER, "null", f"{LISTED}.evil.example", f"{LISTED}:8443"):
        headers = {"Origin": origin}
        refused = client.post(audio(), text("duration", "1"), headers=headers)
        assert_error(refused, 403, "CSRF_REJECTED")
        assert_unreadable(refused)
        refused = client.delete(f"/api/sessions/{session}", headers=headers)
        assert_error(refused, 403, "CSRF_REJECTED")
    assert db.session_count("demo") == before


# Preflights


def ask(client, origin=LISTED, method="OPTIONS", path="/api/sessions", **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    headers = {"Origin": origin, **PREFLIGHT, **headers}
    return client.request(method, path, headers={k: v for k, v in headers.items() if v is not None})


def assert_allowed(response, methods="GET, HEAD, OPTIONS, POST"):
    assert response.status_code == 204
    assert response.headers["Allow"] == methods
    assert_readable(response)
    assert response.headers["Access-Control-Allow-Methods"] == methods
    allowed = "Content-Type, Idempotency-Key, Authorization, Range, traceparent"
    assert response.headers["Access-Control-Allow-Headers"] == allowed
    assert int(response.headers["Access-Control-Max-Age"]) > 0


# An app's endpoint and oauth2-proxy, which know nobody.
IDENTITIES = {
    "basic": ("", ""),
    "auth-request": ("sessions_app", "include sessions-fcgi/auth/app.conf;"),
    "oauth2-proxy": ("oauth2_proxy", "include sessions-fcgi/auth/oauth2-proxy.conf;"),
}


@pytest.mark.parametrize("identity", IDENTITIES)
def test_preflight_passes_without_credentials_and_nothing_else_does(site, identity):
    upstream, include = IDENTITIES[identity]
    port = free_port()
    asked = "upstream %s { server 127.0.0.1:%d; } server { listen 127.0.0.1:%d; return 401; }"
    http = asked % (upstream, port, port) if upstream else ""
    client = site(identity=identity, http=http, server=include)
    stranger = Client(client.url, None)
    assert_allowed(ask(stranger))
    assert_allowed(ask(stranger, path="/api/sessions/c1"), "DELETE, GET, HEAD, OPTIONS")
    assert_allowed(ask(stranger, path="/api/sessions/c1/audio"), "GET, HEAD, OPTIONS")
    other = ask(stranger, OTHER)
    assert other.status_code == 204 and other.headers["Allow"]
    assert_unreadable(other)
    for response in [
        ask(stranger, method="GET"),
        ask(stranger, method="POST"),
        ask(stranger, method="DELETE", path="/api/sessions/c1"),
        ask(stranger, Access_Control_Request_Method=None),
        ask(stranger, Access_Control_Request_Method=""),
        ask(stranger, ""),
        ask(stranger, None),
    ]:
        assert_error(response, 401, "UNAUTHORIZED")
    # It is nobody's, whatever else is in it.
    assert_allowed(ask(stranger, Authorization="Basic " + "x" * 20, Cookie="user=x"))


def test_preflight_of_another_path(site):
    client = site()
    missing = ask(Client(client.url, None), path="/api/sessions/")
    assert_error(missing, 404, "NOT_FOUND")
    assert_readable(missing)


@pytest.mark.parametrize("path", ["/", "/session/new"])
def test_preflight_of_a_page_gets_no_page(site, path):
    stranger = Client(site().url, None)
    assert_error(ask(stranger, path=path), 405, "METHOD_NOT_ALLOWED")


def test_unchecked_name_reaches_the_program_as_nobodys(site, stack):
    """auth_basic is off for a preflight, so the name in its Authorization is anybody's word."""
    path = stack.path / "taking.sock"
    token = base64.b64encode(f"demo:{PASSWORD}x".encode()).decode()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        listener.settimeout(20)
        front = site(path).front
        with socket.create_connection(("127.0.0.1", front.port)) as peer:
            peer.sendall(
                b"OPTIONS /api/sessions HTTP/1.1\r\nHost: x\r\nOrigin: https://app.example\r\n"
                b"Access-Control-Request-Method: GET\r\nAuthorization: Basic %b\r\n\r\n"
                % token.encode()
            )
            taken = listener.accept()[0]
            with taken:
                taken.settimeout(20)
                given = taken.recv(65536)
    path.unlink()
    assert fastcgi.pairs([("REQUEST_METHOD", "OPTIONS")]) in given
    assert fastcgi.pairs([("REMOTE_USER", "")]) in given
    assert b"demo" not in given


def test_preflight_needs_no_database(site, stack, sites):
    database = urlsplit(stack.database_url)
    with Proxy(database.hostname, database.port) as proxy:
        login = f"{database.username}:{database.password}"
        url = f"postgresql://{login}@{proxy.address}{database.path}"
        client = site(sites.responder(ALLOWED_ORIGINS=LISTED, DATABASE_URL=url).socket)
        proxy.set_mode("refuse")
        assert_allowed(ask(Client(client.url, None)))
        failure = client.get(headers={"Origin": LISTED})
        assert_error(failure, 503, "DATABASE_UNAVAILABLE")
        assert_readable(failure)


# nginx's own


def test_failures_behind_nginx_can_be_read(site, stack):
    client = site(stack.path / "nothing.sock")
    response = client.get(headers={"Origin": LISTED})
    assert_error(response, 502, "UNAVAILABLE")
    assert_readable(response)
    response = client.get(headers={"Origin": OTHER})
    assert_error(response, 502, "UNAVAILABLE")
    assert_unreadable(response)
    # Not even a head was understood.
    answer = send_raw(client.url, b"garbage\r\n\r\n")
    check_headers(answer)
    assert_unreadable(answer)


# Settings


def test_development_stack_takes_the_list_from_its_environment(sites, monkeypatch):
    monkeypatch.setenv("ALLOWED_ORIGINS", f"http://localhost:3000,{LISTED}")
    client = sites.client()
    for asker in (client, Client(client.url, None)):
        assert_readable(asker.get(headers={"Origin": LISTED}))
        assert_unreadable(asker.get(headers={"Origin": OTHER}))


@pytest.mark.parametrize(
    "entry", ["*", "null", "app.example", f"{LISTED}/", "https://*.example", "https://a:b@c"]
)
def test_entry_that_is_no_origin_stops_the_start(run, entry):
    done = run("check", ALLOWED_ORIGINS=f"https://a.example, {entry} https://b.example")
    assert done.returncode != 0
    said = done.stderr.decode()
    assert said.count("\n") == 1
    assert f'"{entry}" in ALLOWED_ORIGINS is no origin' in said
    assert "a.example" not in said


def test_every_wrong_entry_is_named(run):
    done = run("check", ALLOWED_ORIGINS="one,two")
    assert b'"one"' in done.stderr and b'"two"' in done.stderr
