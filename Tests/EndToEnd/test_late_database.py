"""A database that comes late, or never: `serve` waits for it, and ends only of what stays wrong."""

import json
import signal
import time
from urllib.parse import quote, urlsplit

import administration
import fastcgi
import pytest
from administration import eventually
from client import assert_error
from commands import said
from fastcgi import Peer, begin
from forms import audio, form, text


def at(database, address, path=None):
    login = f"{database.username}:{quote(database.password)}"
    return f"postgresql://{login}@{address}{path or database.path}"


def ask_to_upload(site, user="late"):
    body, content_type = form(audio(b"x" * 100_000), text("duration", "1"))
    return fastcgi.ask(site.socket, fastcgi.upload(body, content_type, user), body)


@pytest.mark.parametrize("mode", ["refuse", "cut", "hang"])
def test_serve_waits_for_the_database(sites, database, database_proxy, mode):
    database_proxy.set_mode(mode)
    site = sites.responder(ready=False, DATABASE_URL=at(database, database_proxy.address))
    assert eventually(lambda: "ready" in site.log_text(), seconds=20), site.log_text()
    for answer in (fastcgi.ask(site.socket), ask_to_upload(site)):
        assert_error(answer, 503, "DATABASE_UNAVAILABLE")
        assert int(answer.headers["Retry-After"]) > 0
    status, _, body = administration.ask(site.admin, "/healthz")
    assert status == 503
    assert "database" in json.loads(body)["checks"]
    assert site.process.poll() is None
    database_proxy.set_mode("forward")
    assert eventually(lambda: fastcgi.ask(site.socket).status_code == 200, seconds=20)
    assert eventually(lambda: administration.ask(site.admin, "/healthz")[0] == 200, seconds=20)
    assert ask_to_upload(site).status_code == 201
    log = site.log_text()
    assert "the database is there" in log
    # Once by the start, and by each request that was refused meanwhile.
    assert log.count("warning the database is waited for") == 1
    assert site.terminate() == 0


def test_one_without_our_schema_ends_it(sites, database, database_proxy, empty_database_url):
    database_proxy.set_mode("refuse")
    url = at(database, database_proxy.address, urlsplit(empty_database_url).path)
    site = sites.responder(ready=False, DATABASE_URL=url)
    assert eventually(lambda: "ready" in site.log_text(), seconds=20)
    database_proxy.set_mode("forward")
    assert site.wait() == 1
    assert "sessions-fcgi migrate" in site.log_text()


@pytest.mark.parametrize(
    "change",
    [
        {"password": "wrong"},
        {"user": "nobody_known"},
        {"path": "/no_such_database"},
        {"query": "?sslmode=verify-full"},
        {"query": "?sslrootcert=/nonexistent.pem&sslmode=verify-ca"},
        {"query": "?schema=no_such_schema"},
    ],
    ids=str,
)
def test_what_waiting_does_not_mend_ends_the_start(run, database, tmp_path, change):
    user, password = change.get("user", database.username), change.get("password", "")
    login = f"{user}:{quote(password or database.password)}"
    place = f"{login}@{database.hostname}:{database.port}"
    url = f"postgresql://{place}{change.get('path', database.path)}{change.get('query', '')}"
    started = time.monotonic()
    finished = run("serve", "--listen", str(tmp_path / "socket"), DATABASE_URL=url)
    assert finished.returncode == 1, said(finished)
    assert time.monotonic() - started < 10
    assert "waited for" not in said(finished)
    assert (password or database.password) not in said(finished)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1], ids=["TERM", "USR1"])
def test_waiting_can_be_ended(sites, database, database_proxy, number):
    database_proxy.set_mode("refuse")
    site = sites.responder(ready=False, DATABASE_URL=at(database, database_proxy.address))
    assert eventually(lambda: "ready" in site.log_text(), seconds=20)
    started = time.monotonic()
    site.process.send_signal(number)
    assert site.wait() == 0, site.log_text()
    assert time.monotonic() - started < 5


def test_nothing_of_a_refused_upload_is_read_while_it_waits(sites, database, database_proxy):
    database_proxy.set_mode("refuse")
    site = sites.responder(ready=False, DATABASE_URL=at(database, database_proxy.address))
    assert eventually(lambda: "ready" in site.log_text(), seconds=20)
    body, content_type = form(audio(b"x" * 1_000_000), text("duration", "1"))
    with Peer(site.socket) as peer:
        given = fastcgi.upload(body, content_type, "late")
        peer.send(begin(), fastcgi.stream(fastcgi.PARAMS, fastcgi.pairs(given)))
        assert_error(peer.answer(), 503, "DATABASE_UNAVAILABLE")
