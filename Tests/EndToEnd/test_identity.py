"""Who the user is: only what nginx has had checked, whatever a client sends."""

import fastcgi
import pytest
from client import Client, assert_error
from forms import audio, form, text

from stack.ports import free_port

VICTIM = "victim"

# An app's check endpoint, played by nginx itself: the cookie says what the app would know.
APP = """
    upstream sessions_app { server 127.0.0.1:@PORT@; }
"""
APP_LOCATION = """
        location = /api/auth/identity {
            if ($cookie_user = "") { return 401; }
            if ($cookie_user = banned) { return 403; }
            if ($cookie_user = broken) { return 404; }
            add_header X-User-Id "%(user)s";
            add_header X-User-Email "%(email)s";
            add_header X-User-Name "%(name)s";
            return 204;
        }
        include sessions-fcgi/auth/app.conf;
"""


@pytest.mark.smoke
def test_not_signed_in(stranger):
    response = stranger.get()
    assert_error(response, 401, "UNAUTHORIZED")
    assert response.headers["WWW-Authenticate"].startswith("Basic ")


def test_wrong_password(stack, alice):
    client = Client(stack.url, alice.user)
    client.http.auth = (alice.user, "wrong")
    assert_error(client.get(), 401, "UNAUTHORIZED")


@pytest.mark.smoke
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_not_signed_in_whatever_the_method(stranger, method):
    assert_error(stranger.request(method, "/api/sessions"), 401, "UNAUTHORIZED")


def test_not_signed_in_is_said_before_a_large_body_is_judged(stranger):
    assert_error(stranger.post(audio(bytes(1_000_000)), text("duration", "1")), 401, "UNAUTHORIZED")


@pytest.mark.parametrize(
    "header", ["Remote-User", "REMOTE_USER", "X-Remote-User", "X-User-Id", "X-Forwarded-User"]
)
def test_no_header_of_the_client_makes_an_identity(alice, bob, header):
    theirs = bob.upload()
    response = alice.get(f"/api/sessions/{theirs}", headers={header: bob.user})
    assert response.status_code == 404
    assert alice.get(headers={header: bob.user}).json()["total"] == 0


@pytest.mark.smoke
def test_guest_sees_nothing_of_demo(stack, db):
    demo, guest = Client(stack.url, "demo"), Client(stack.url, "guest")
    demo.http.auth, guest.http.auth = ("demo", "demo"), ("guest", "guest")
    session = demo.upload()
    assert session not in [item["id"] for item in guest.get().json()["sessions"]]
    for path in (f"/api/sessions/{session}", f"/api/sessions/{session}/audio"):
        assert guest.get(path).status_code == 404
    assert guest.delete(f"/api/sessions/{session}").status_code == 404
    assert demo.delete(f"/api/sessions/{session}").status_code == 200


def test_user_name_of_any_language(new_client, db):
    client = new_client("Zoë 李 \U0001f389")
    client.upload()
    assert db.session_count(client.user) == 1


# What the program makes of the parameters, spoken to directly


@pytest.fixture
def ask(stack):
    return lambda given: fastcgi.ask(stack.path / "responder.sock", given)


@pytest.mark.parametrize(
    "user",
    [None, "", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80", "a\nb", "a\x7f",
     "\x1b[0m", "x" * 256, "é" * 128],
)  # fmt: skip
def test_identity_that_is_none(ask, user):
    assert_error(ask(fastcgi.parameters(user=user)), 401, "UNAUTHORIZED")


@pytest.mark.parametrize("user", ["x" * 255, "é" * 127 + "e", "a b", "auth0|5f7c8ec7c33c6c004bba"])
def test_identity_that_is_taken(ask, user):
    assert ask(fastcgi.parameters(user=user)).status_code == 200


@pytest.mark.parametrize("second", ["alice", VICTIM, ""])
def test_identity_given_twice(ask, second):
    given = [*fastcgi.parameters(user=VICTIM), ("REMOTE_USER", second)]
    assert_error(ask(given), 401, "UNAUTHORIZED")


@pytest.mark.parametrize("name", ["HTTP_REMOTE_USER", "HTTP_REMOTE-USER", "remote_user", "USER"])
def test_other_parameters_are_no_identity(ask, name):
    given = [*fastcgi.parameters(user=None), (name, VICTIM)]
    assert_error(ask(given), 401, "UNAUTHORIZED")


def upload_as(stack, user, *others):
    body, content_type = form(audio(), text("duration", "1"))
    given = fastcgi.upload(body, content_type, user) + list(others)
    answer = fastcgi.ask(stack.path / "responder.sock", given, body)
    assert answer.status_code == 201, answer.text


def test_email_and_name_are_kept_with_the_user(stack, db):
    upload_as(stack, "kept", ("REMOTE_EMAIL", "k@example.com"), ("REMOTE_NAME", "Käthe"))
    row = db.execute('SELECT email, "displayName" FROM users WHERE "externalId" = \'kept\'')
    assert row.fetchone() == ("k@example.com", "Käthe")


@pytest.mark.parametrize("value", ["", b"\xff", "a\nb", "\0"], ids=["empty", "bytes", "lf", "nul"])
def test_email_and_name_that_are_bad_count_as_absent(stack, db, value):
    user = f"bad-{value!r}"
    upload_as(stack, user, ("REMOTE_EMAIL", value), ("REMOTE_NAME", value))
    query = 'SELECT email, "displayName" FROM users WHERE "externalId" = %s'
    assert db.execute(query, [user]).fetchone() == (None, None)


def test_identities_are_compared_as_bytes(stack, db):
    composed, decomposed = "Zo\u00eb", "Zoe\u0308"
    upload_as(stack, composed)
    given = fastcgi.parameters(user=decomposed)
    assert fastcgi.ask(stack.path / "responder.sock", given).json()["total"] == 0


# Where an app's endpoint says who it is


@pytest.fixture
def app(sites, stack):
    """A client of an nginx whose identity is auth_request, and what the app answers there."""

    def start(cookie, user="alice-of-the-app", email="a@example.com", name="Alice"):
        location = APP_LOCATION % {"user": user, "email": email, "name": name}
        front = sites.nginx(
            stack.path / "responder.sock", "auth-request", http=APP, server=location
        )
        client = Client(front.url, None, {"Cookie": f"user={cookie}"} if cookie else {})
        client.front = front
        return client

    return start


@pytest.mark.smoke
def test_the_app_says_who_it_is(app, db):
    client = app("alice", user="app-user-1")
    client.upload()
    query = 'SELECT email, "displayName" FROM users WHERE "externalId" = \'app-user-1\''
    assert db.execute(query).fetchone() == ("a@example.com", "Alice")


def test_name_in_an_authorization_header_is_not_believed(app, alice, db):
    theirs = alice.upload()
    client = app("alice", user="app-user-2")
    client.http.auth = (alice.user, "whatever")
    assert client.get().json()["total"] == 0
    assert client.get(f"/api/sessions/{theirs}").status_code == 404


def test_name_in_an_authorization_header_fills_no_gap(app, alice):
    alice.upload()
    client = app("nobody", user="", email="", name="")
    client.http.auth = (alice.user, "whatever")
    assert_error(client.get(), 401, "UNAUTHORIZED")


def test_upload_larger_than_the_usual_limit_passes_the_check(app):
    assert app("alice", user="app-user-3").upload(bytes(5_000_000))


def test_the_app_says_no(app):
    assert_error(app(None).get(), 401, "UNAUTHORIZED")
    assert_error(app("banned").get(), 403, "FORBIDDEN")


def test_the_app_answers_nonsense(app):
    assert_error(app("broken").get(), 500, "INTERNAL_ERROR")


# oauth2-proxy, played by nginx: 202 with its headers

OAUTH2 = """
    upstream oauth2_proxy { server 127.0.0.1:@OAUTH2_PORT@; }
    server {
        listen 127.0.0.1:@OAUTH2_PORT@;
        location = /oauth2/auth {
            if ($cookie__oauth2_proxy != "good") { return 401; }
            add_header X-Auth-Request-User "google-oauth2|117" always;
            add_header X-Auth-Request-Email "o@example.com" always;
            add_header X-Auth-Request-Preferred-Username "Otto" always;
            return 202;
        }
    }
"""


def test_oauth2_proxy_says_who_it_is(sites, stack, db):
    http = OAUTH2.replace("@OAUTH2_PORT@", str(free_port()))
    include = "        include sessions-fcgi/auth/oauth2-proxy.conf;"
    socket = stack.path / "responder.sock"
    front = sites.nginx(socket, "oauth2-proxy", http=http, server=include)
    assert_error(Client(front.url, None).get(), 401, "UNAUTHORIZED")
    client = Client(front.url, None, {"Cookie": "_oauth2_proxy=good"})
    client.upload(bytes(2_000_000))
    query = 'SELECT email, "displayName" FROM users WHERE "externalId" = \'google-oauth2|117\''
    assert db.execute(query).fetchone() == ("o@example.com", "Otto")
