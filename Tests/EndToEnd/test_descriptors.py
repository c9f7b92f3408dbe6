"""A process that has run out of file descriptors says so, and goes on once it has some again."""

import resource
from pathlib import Path

import fastcgi
import pytest
from client import assert_error
from forms import audio, form, text
from waiting import wait_until


def leave_descriptors(process, count):
    """Lets the process open so many more: the limit is on numbers, of which the lowest is taken."""
    used = {int(entry.name) for entry in Path(f"/proc/{process.pid}/fd").iterdir()}
    free = (number for number in range(10_000) if number not in used)
    limit = [next(free) for _ in range(count + 1)][-1]
    resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (limit, 10_000))


def wait_for_the_sweepers_connection(tenant):
    """Which it opens by itself when it starts: it must not take the one that is left."""
    query = """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()"""
    # The other is that of the requests, on which the schema was looked at.
    wait_until(lambda: tenant.value(query) >= 2, "the sweeper's connection")


def give_descriptors_back(process):
    resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (10_000, 10_000))


@pytest.mark.parametrize(
    "limit, cause", [("8", "no file descriptor is left"), ("1", "cannot be waited for")]
)
def test_no_descriptor_for_the_database(tenant, limit, cause):
    url = f"{tenant.database_url}?connection_limit={limit}"
    site = tenant.responder(workers=4, DATABASE_URL=url)
    with tenant.list_under_way(site):
        # The connection that the request comes by.
        leave_descriptors(site.process, 1)
        assert_error(fastcgi.ask(site.socket), 503, "OVERLOADED")
        give_descriptors_back(site.process)
    assert cause in site.log_text()
    assert fastcgi.ask(site.socket).status_code == 200


def test_no_descriptor_for_storage(tenant):
    site = tenant.responder(workers=4)
    assert fastcgi.ask(site.socket).status_code == 200
    body, content_type = form(audio(), text("duration", "1"))
    given = fastcgi.upload(body, content_type, "demo")
    wait_for_the_sweepers_connection(tenant)
    # The connection that the request comes by, and the temporary file.
    leave_descriptors(site.process, 2)
    assert_error(fastcgi.ask(site.socket, given, body), 503, "OVERLOADED")
    assert "no file descriptor is left for object storage" in site.log_text()
    give_descriptors_back(site.process)
    assert fastcgi.ask(site.socket, given, body).status_code == 201


def test_no_descriptor_for_the_temporary_file(tenant):
    site = tenant.responder(workers=4)
    body, content_type = form(audio(), text("duration", "1"))
    given = fastcgi.upload(body, content_type, "demo")
    wait_for_the_sweepers_connection(tenant)
    leave_descriptors(site.process, 1)
    assert_error(fastcgi.ask(site.socket, given, body), 503, "OVERLOADED")
    give_descriptors_back(site.process)
    assert fastcgi.ask(site.socket, given, body).status_code == 201
