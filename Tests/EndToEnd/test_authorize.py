"""`sessions-fcgi authorize`: who a request is from, by Auth.js's cookies and bearer tokens."""

import json
import os
import secrets
import signal
import socket
import subprocess
import time
import urllib.parse

import fastcgi
import pytest
from authorizer import Authorizer, asking
from client import Client, assert_error
from commands import run_program, said
from joserfc import jwk
from tokens import V4, V5, cut, forged, session, signed

from stack.directory import RunDirectory
from stack.part import plain_environment

SECRET, PREVIOUS = secrets.token_urlsafe(33), secrets.token_urlsafe(33)
BEARER_SECRET = secrets.token_urlsafe(33)
ISSUER, AUDIENCE = "https://id.example", "sessions"
OCT = jwk.OctKey.import_key(BEARER_SECRET)


def claims(user=None, **others):
    now = int(time.time())
    found = {
        "sub": "internal", "externalId": user or f"user-{secrets.token_hex(6)}",
        "email": "a@example.com", "name": "Zoë 100%", "iat": now, "exp": now + 600,
        "iss": ISSUER, "aud": AUDIENCE, **others,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value is not None}


def key_file(path, *keys):
    """Written as a whole, as whoever renews one should."""
    new = path.with_suffix(".new")
    new.write_text(json.dumps({"keys": [key.as_dict(private=False) for key in keys]}))
    new.rename(path)


@pytest.fixture(scope="module")
def start(stack, tmp_path_factory):
    """Starts authorizers; each is stopped at the end of the module."""
    parts = []

    def start(**settings):
        directory = stack.path / f"authorize-{len(parts)}-{time.monotonic_ns()}"
        directory.mkdir()
        part = Authorizer(RunDirectory(directory), stack.program, settings)
        parts.append(part)
        part.start()
        assert part.wait_until_ready(20), part.log_text()
        return part

    yield start
    for part in parts:
        part.stop()


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    keys = {
        "RS256": jwk.RSAKey.generate_key(2048, {"kid": "rsa"}),
        "ES256": jwk.ECKey.generate_key("P-256", {"kid": "ec"}),
        "EdDSA": jwk.OKPKey.generate_key("Ed25519", {"kid": "ed"}),
    }
    keys["file"] = tmp_path_factory.mktemp("keys") / "jwks.json"
    key_file(keys["file"], keys["RS256"], keys["ES256"], keys["EdDSA"])
    return keys


@pytest.fixture(scope="module")
def authorizer(start, keys):
    return start(
        AUTH_SECRET=SECRET, AUTH_SECRET_PREVIOUS=PREVIOUS, AUTH_JWT_SECRET=BEARER_SECRET,
        AUTH_JWKS_FILE=str(keys["file"]), AUTH_ISSUER=ISSUER, AUTH_AUDIENCE=AUDIENCE,
    )  # fmt: skip


def ask(authorizer, cookie=None, bearer=None, **others):
    if cookie:
        others["HTTP_COOKIE"] = cookie
    if bearer:
        others["HTTP_AUTHORIZATION"] = f"Bearer {bearer}"
    return fastcgi.ask(authorizer.socket, fastcgi.parameters(user=None, **others))


def user_in(answer):
    assert answer.status_code in (200, 401)
    return answer.headers.get("X-User-Id") if answer.status_code == 200 else None


# Through nginx


@pytest.mark.smoke
@pytest.mark.parametrize("version", [4, 5])
def test_session_of_authjs_signs_in(stack, sites, authorizer, db, version):
    front = sites.nginx(stack.path / "responder.sock", **asking(authorizer, "authjs"))
    who = claims(picture="x" * 9_000)
    name = {4: V4, 5: V5}[version]
    cookies = cut(name, session(who, SECRET, name, version))
    client = Client(front.url, None, {"Cookie": f"a=b; {cookies}"})
    client.upload(bytes(2_000_000))
    query = 'SELECT email, "displayName" FROM users WHERE "externalId" = %s'
    assert db.execute(query, [who["externalId"]]).fetchone() == ("a@example.com", "Zoë 100%")
    bearer = {"Authorization": f"Bearer {signed(claims(), OCT, 'HS256')}"}
    nobody = Client(front.url, None, bearer)
    assert_error(nobody.get(), 401, "UNAUTHORIZED")
    assert nobody.http.get(front.url + "/", allow_redirects=False).status_code == 401
    assert "[warn]" not in front.log_text()


def test_cookie_or_bearer_token(stack, sites, authorizer):
    front = sites.nginx(stack.path / "responder.sock", **asking(authorizer, "authjs-or-bearer"))
    cookie = f"{V5}={session(claims('of-the-cookie'), SECRET)}"
    token = signed(claims("of-the-token"), OCT, "HS256")

    def total(**headers):
        return Client(front.url, None, headers).get()

    Client(front.url, None, {"Authorization": f"Bearer {token}"}).upload()
    assert total(Cookie=cookie).json()["total"] == 0
    assert total(Authorization=f"Bearer {token}").json()["total"] == 1
    assert total(Authorization=f"Bearer {token}", Cookie=cookie).json()["total"] == 1
    assert total(Authorization="Basic YTpi", Cookie=cookie).status_code == 200
    response = total(Authorization=f"Bearer {token}x", Cookie=cookie)
    assert_error(response, 401, "UNAUTHORIZED")
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_bearer_alone_reads_no_cookie(stack, sites, authorizer):
    front = sites.nginx(stack.path / "responder.sock", **asking(authorizer, "bearer"))
    cookie = f"{V5}={session(claims(), SECRET)}"
    assert_error(Client(front.url, None, {"Cookie": cookie}).get(), 401, "UNAUTHORIZED")
    token = signed(claims(), OCT, "HS256")
    assert Client(front.url, None, {"Authorization": f"Bearer {token}"}).get().status_code == 200
    options = {"Origin": front.url, "Access-Control-Request-Method": "GET"}
    preflight = Client(front.url, None, options).request("OPTIONS", "/api/sessions")
    assert preflight.status_code == 204


def test_authorizer_that_is_dead(stack, sites, start):
    own = start(AUTH_SECRET=SECRET)
    front = sites.nginx(stack.path / "responder.sock", **asking(own, "authjs"))
    assert_error(Client(front.url, None).get(), 401, "UNAUTHORIZED")
    assert own.terminate() == 0
    assert_error(Client(front.url, None).get(), 503, "UNAVAILABLE")


# What it answers


def test_headers_of_the_answer(authorizer):
    who = claims("auth0|7", name="a,%41 Zoë\u202e")
    answer = ask(authorizer, bearer=signed(who, OCT, "HS256"))
    assert answer.headers["X-User-Id"] == "auth0|7"
    assert answer.headers["X-User-Email"] == "a@example.com"
    assert urllib.parse.unquote(answer.headers["X-User-Name"]) == "a,%41 Zoë\u202e"
    assert answer.headers["X-User-Name"].isascii() and "%2541" in answer.headers["X-User-Name"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    answer = ask(authorizer, bearer=signed(claims(name=None, email="ä@b"), OCT, "HS256"))
    assert answer.status_code == 200
    assert not {"X-User-Email", "X-User-Name"} & set(answer.headers)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_published_keys(authorizer, keys, algorithm):
    token = signed(claims("someone"), keys[algorithm], algorithm)
    assert user_in(ask(authorizer, bearer=token)) == "someone"
    header, content, tag = token.split(".")
    for other in (f"{header}.{content}.", f"{header}.{content}.{tag[:-8]}"):
        assert user_in(ask(authorizer, bearer=other)) is None
    other = signed(claims("someone", aud="another"), keys[algorithm], algorithm)
    assert user_in(ask(authorizer, bearer=other)) is None


def test_over_https_only_prefixed_names_count(authorizer):
    prefixed = f"__Secure-{V5}"
    plain = f"{V5}={session(claims(), SECRET)}"
    secure = f"{prefixed}={session(claims('of-https'), SECRET, prefixed)}"
    assert user_in(ask(authorizer, plain))
    assert user_in(ask(authorizer, plain, HTTPS="on")) is None
    assert user_in(ask(authorizer, f"{plain}; {secure}", HTTPS="on")) == "of-https"
    assert user_in(ask(authorizer, f"{secure}; {secure}", HTTPS="on")) is None


def test_settings_of_the_claims_and_the_cookie(start, tmp_path):
    file = tmp_path / "secret"
    file.write_text(SECRET + "\n")
    others = tmp_path / "env"
    others.write_text("AUTH_COOKIE=sid\nAUTH_CLAIM_USER=sub\n")
    own = start(
        AUTH_SECRET_FILE=str(file), SESSIONS_ENV_FILE=str(others), AUTH_CLAIM_EMAIL="mail",
        AUTH_CLAIM_NAME="https://site.example/name",
    )  # fmt: skip
    who = claims(mail="m@example.com", **{"https://site.example/name": "N"})
    answer = ask(own, f"sid={session(who, SECRET, 'sid')}", HTTPS="on")
    assert answer.headers["X-User-Id"] == "internal"
    assert answer.headers["X-User-Email"] == "m@example.com"
    assert answer.headers["X-User-Name"] == "N"
    assert user_in(ask(own, f"{V5}={session(who, SECRET)}")) is None
    # Off unless configured.
    assert user_in(ask(own, bearer=signed(who, OCT, "HS256"))) is None


def test_secrets_change(start):
    own = start(AUTH_SECRET="new", AUTH_SECRET_PREVIOUS=f"{SECRET}\n{PREVIOUS}")
    for secret in ("new", SECRET, PREVIOUS):
        assert user_in(ask(own, f"{V5}={session(claims(), secret)}"))
    assert user_in(ask(own, f"{V5}={session(claims(), 'other')}")) is None


def test_keys_are_read_again_when_the_file_changes(start, tmp_path):
    old, new = (jwk.OKPKey.generate_key("Ed25519", {"kid": kid}) for kid in ("old", "new"))
    file = tmp_path / "jwks.json"
    key_file(file, old)
    own = start(AUTH_JWKS_FILE=str(file), AUTH_ISSUER=ISSUER, AUTH_AUDIENCE=AUDIENCE)

    def knows(key):
        return user_in(ask(own, bearer=signed(claims(), key, "EdDSA", kid=key.kid))) is not None

    assert (knows(old), knows(new)) == (True, False)
    key_file(file, old, new)
    assert (knows(old), knows(new)) == (True, True)
    file.write_text("{")
    assert (knows(old), knows(new)) == (True, True)
    assert "the keys stay as they were" in own.log_text()
    file.unlink()
    assert (knows(old), knows(new)) == (True, True)
    key_file(file, new)
    assert (knows(old), knows(new)) == (False, True)


# What it says and takes


def test_refusals_are_logged_by_cause_and_never_the_token(authorizer):
    whole = session(claims(exp=1), SECRET)
    token = forged({"alg": "none"}, claims())
    database = secrets.token_urlsafe(24)
    for cookie, bearer, cause in [
        (None, None, "no_credentials"),
        (f"{V5}={whole}", None, "expired"),
        (f"{V5}={database}", None, "not_encrypted"),
        (None, token, "algorithm_not_taken"),
    ]:
        number = secrets.token_hex(16)
        assert user_in(ask(authorizer, cookie, bearer, REQUEST_ID=number)) is None
        [line] = [line for line in authorizer.log_text().splitlines() if number in line]
        assert f"cause={cause}" in line
        assert ("strategy" in line) == (cause == "not_encrypted")
    log = authorizer.log_text()
    for part in (*whole.split("."), *token.split("."), database, SECRET, BEARER_SECRET):
        assert not part or part[:16] not in log


@pytest.mark.parametrize(
    "settings, problem",
    [
        ({}, "none of AUTH_SECRET, AUTH_JWT_SECRET and AUTH_JWKS_FILE is set"),
        ({"AUTH_SECRET_PREVIOUS": "x"}, "AUTH_SECRET is not set"),
        ({"AUTH_SECRET": SECRET, "AUTH_SECRET_FILE": "/x"}, "are both set"),
        ({"AUTH_SECRET": SECRET, "AUTH_COOKIE": "a b"}, "AUTH_COOKIE is malformed"),
        ({"AUTH_JWT_SECRET": "x" * 31}, "AUTH_JWT_SECRET must have at least 32 bytes"),
        ({"AUTH_SECRET": SECRET, "AUTH_JWT_SECRET": SECRET}, "must not be AUTH_SECRET"),
        ({"AUTH_JWKS_FILE": "/nowhere"}, "AUTH_JWKS_FILE names cannot be read"),
        ({"AUTH_JWKS_FILE": __file__, "AUTH_ISSUER": "x"}, "AUTH_AUDIENCE is not set"),
        (
            {"AUTH_JWKS_FILE": __file__, "AUTH_ISSUER": "x", "AUTH_AUDIENCE": "y"},
            "it is no JWK set",
        ),
    ],
)
def test_settings_that_are_wrong(stack, settings, problem):
    arguments = ("authorize", "--listen", "127.0.0.1:1")
    finished = run_program(stack.program, settings, *arguments)
    assert finished.returncode == 1
    [line] = said(finished).splitlines()
    assert problem in line and SECRET not in line


def test_inherited_socket(stack, tmp_path):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "socket"))
    listener.listen()
    process = subprocess.Popen(
        [stack.program, "authorize"], stdin=listener, stderr=subprocess.DEVNULL,
        env={**plain_environment(), "AUTH_SECRET": SECRET},
    )  # fmt: skip
    try:
        given = fastcgi.parameters(user=None, HTTP_COOKIE=f"{V5}={session(claims(), SECRET)}")
        assert fastcgi.ask(tmp_path / "socket", given).status_code == 200
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
        listener.close()
