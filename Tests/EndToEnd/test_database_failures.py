"""The database refuses or cannot be reached: 503 within 15 s, and no restart is needed after."""

import time
from urllib.parse import urlsplit

import pytest
from client import assert_error
from commands import said
from forms import audio, text
from tenant import upload

DEADLINE_SECONDS = 15


@pytest.fixture
def site(sites, database_proxy, database, new_client):
    """A client whose responder reaches the database through the proxy."""
    return sites.client(new_client().user, DATABASE_URL=through(database_proxy, database))


def through(database_proxy, database):
    password = f"{database.username}:{database.password}"
    return f"postgresql://{password}@{database_proxy.address}{database.path}"


def assert_unavailable(client, method="GET", path="/api/sessions"):
    started = time.monotonic()
    if method == "POST":
        response = client.post(audio(b"y" * 100_000), text("duration", "1"))
    else:
        response = client.request(method, path)
    assert_error(response, 503, "DATABASE_UNAVAILABLE")
    assert time.monotonic() - started < DEADLINE_SECONDS
    assert int(response.headers["Retry-After"]) > 0
    log = client.responder.log_text()
    assert client.responder.settings["DATABASE_URL"] not in log + response.text
    assert urlsplit(client.responder.settings["DATABASE_URL"]).password not in log


@pytest.mark.parametrize("mode", ["refuse", "cut", "hang"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_answer_in_time_and_no_restart_needed(site, database_proxy, mode, method):
    site.upload()
    database_proxy.set_mode(mode)
    assert_unavailable(site, method)
    database_proxy.set_mode("forward")
    assert site.get().status_code == 200
    site.upload()


def test_every_route_says_so(site, database_proxy):
    session = site.upload()
    database_proxy.set_mode("refuse")
    path = f"/api/sessions/{session}"
    for method, target in (("GET", path), ("DELETE", path), ("GET", f"{path}/audio")):
        assert_unavailable(site, method, target)
    assert site.head(path).status_code == 503


def test_connections_that_the_server_ended_do_no_harm(site, db):
    """As a restart of the server would: the next request finds new ones and just works."""
    site.upload()
    db.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND usename = current_user"
    )
    assert site.get().json()["total"] == 1
    site.upload()


def test_upload_whose_database_fails_leaves_no_object(site, database_proxy, bucket):
    before = bucket.keys()
    database_proxy.set_mode("refuse")
    assert_unavailable(site, "POST")
    assert bucket.keys() == before


PRISMA = (
    "?schema=public&connection_limit=3&pool_timeout=5&pgbouncer=true&sslaccept=accept_invalid_certs"
    "&statement_cache_size=0&socket_timeout=10&connect_timeout=5"
)


def test_prismas_parameters_in_the_url_are_understood(sites, stack, new_client):
    client = sites.client(new_client().user, DATABASE_URL=stack.database_url + PRISMA)
    client.upload()
    assert client.get().json()["total"] == 1


def test_schema_in_the_url_is_honoured(tenant):
    """The app's tables may live in another schema than public."""
    tenant.command("migrate", "--uninstall")
    tenant.execute("DROP TABLE speaking_sessions, users CASCADE")
    url = tenant.database_url + "?schema=Other"
    tenant.command("migrate", DATABASE_URL=url)
    upload(tenant.responder(DATABASE_URL=url))
    assert tenant.value('SELECT count(*) FROM "Other".speaking_sessions') == 1
    assert tenant.value("SELECT to_regclass('speaking_sessions')") is None
    tenant.command("sweep", DATABASE_URL=url)
    assert "database: fine" in tenant.command("check", DATABASE_URL=url)


def test_schema_of_a_program_before_is_to_be_migrated(tenant):
    """As the first version left it: one row, which says nothing of the migrations behind it."""
    tenant.execute("DELETE FROM sessions_fcgi.schema_version WHERE version > 1")
    tenant.execute(
        "ALTER TABLE sessions_fcgi.schema_version DROP COLUMN name, DROP COLUMN checksum"
    )
    for command in [("check",), ("sweep",), ("serve", "--listen", "127.0.0.1:1")]:
        refused = tenant.run(*command)
        assert refused.returncode != 0 and "run: sessions-fcgi migrate" in said(refused)
    status = tenant.run("migrate", "--status")
    assert status.returncode == 3
    assert said(status).splitlines()[0] == "1 jobs_and_uploads: pending"
    tenant.command("migrate")
    assert "database: fine" in tenant.command("check")


def test_status_tells_of_each_migration(tenant):
    lines = tenant.command("migrate", "--status").splitlines()
    assert lines[0].startswith("1 jobs_and_uploads: applied at 20")
    assert all(f": applied at {lines[0].split(' at ')[1][:10]}" in line for line in lines)
    tenant.execute("UPDATE sessions_fcgi.schema_version SET checksum = 'other' WHERE version = 2")
    changed = tenant.run("migrate", "--status")
    assert changed.returncode == 3
    assert "2 session_deleted: applied with another text" in said(changed)
    refused = tenant.run("migrate")
    assert refused.returncode == 1 and "migration 2 (session_deleted)" in said(refused)
    assert tenant.run("migrate", "--status", "--uninstall").returncode == 2


def test_second_app_in_a_database_is_refused(tenant):
    """Our schema works on one app's tables: the first one's uploads must not go to the other."""
    url = tenant.database_url + "?schema=staging"
    for command in [("migrate",), ("migrate", "--status"), ("migrate", "--uninstall")]:
        refused = tenant.run(*command, DATABASE_URL=url)
        assert refused.returncode == 1
        assert 'serves the schema "public" already' in said(refused)
    for command in [("check",), ("sweep",), ("serve", "--listen", "127.0.0.1:1")]:
        refused = tenant.run(*command, DATABASE_URL=url)
        assert refused.returncode != 0
        assert "serves another schema" in said(refused)
    site = tenant.responder()
    upload(site)
    assert len(tenant.sessions()) == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("ALTER DATABASE {name} SET default_transaction_read_only = on", "only reads"),
        ("REVOKE INSERT ON speaking_sessions FROM sessions", "INSERT on public.speaking_sessions"),
        ("REVOKE DELETE ON sessions_fcgi.jobs FROM sessions", "DELETE on sessions_fcgi.jobs"),
        (
            "REVOKE EXECUTE ON FUNCTION sessions_fcgi.check_rate_limits FROM PUBLIC, sessions",
            "EXECUTE on sessions_fcgi.check_rate_limits",
        ),
    ],
    ids=["standby", "insert", "delete", "execute"],
)
def test_check_tells_of_a_database_that_takes_no_upload(tenant, change, told):
    assert "database: fine" in tenant.command("check")
    tenant.execute(change.format(name=tenant.name))
    checked = tenant.run("check")
    assert checked.returncode != 0
    assert told in said(checked).replace('"', "")
