"""What every end-to-end test stands on: a private stack, users, recordings, and a look inside."""

import os
import secrets
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "scripts")]

from client import Client  # noqa: E402
from commands import run_program  # noqa: E402
from gates import Gate  # noqa: E402
from leaks import check_no_secret_is_out, refuse_after_a_leak  # noqa: E402
from private_stack import PrivateStack  # noqa: E402
from proxy import Proxy  # noqa: E402
from recordings import make_recordings  # noqa: E402
from relay import DatabaseRelay, StorageRelay  # noqa: E402
from sites import Sites  # noqa: E402
from tenant import Tenant  # noqa: E402


def pytest_configure(config):
    config.addinivalue_line("markers", "smoke: the few that --quick runs")
    config.addinivalue_line("markers", "soak: for scripts/soak alone")
    config.addinivalue_line("markers", "alone: measures the machine, so nothing runs beside it")


# Those that take longest, in that order: begun first, so that at the end no process works on one of
# them while its neighbours have nothing left to do.
LONGEST = [
    "test_hostile_store.py",
    "test_pages_uploading.py",
    "test_pages_monkey.py",
    "test_pages_accessibility.py",
    "test_pages_recording.py",
    "test_faults.py",
    "test_several_hosts.py",
    "test_front_ends.py",
    "test_outbox.py",
    "test_protocol.py",
    "test_pages_session.py",
    "test_storage_failures.py",
    "test_pages_keeping.py",
    "test_administration.py",
    "test_crash.py",
    "test_database_failures.py",
    "test_idempotency.py",
    "test_processing.py",
]


def pytest_collection_modifyitems(config, items):
    if "SOAK_SECONDS" not in os.environ:
        config.hook.pytest_deselected(
            items=[item for item in items if item.get_closest_marker("soak")]
        )
        items[:] = [item for item in items if not item.get_closest_marker("soak")]
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(LONGEST)))


def pytest_runtest_setup(item):
    """Has JUnit's XML tell the tries of a test apart (scripts/summarize)."""
    item.user_properties[:] = [("retries", getattr(item, "execution_count", 1) - 1)]


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    """Real nginx, PostgreSQL, S3 server and sessions-fcgi, kept running as scripts/run does.

    Each process of the tests has its own. When all tests on it are over, what they left in its
    logs and answers must hold no secret; otherwise the last of them ends in an error.
    """
    refuse_after_a_leak()
    stack = PrivateStack(program(), tmp_path_factory.mktemp("stack"))
    try:
        stack.start()
        yield stack
        check_no_secret_is_out(stack)
    finally:
        stack.stop()


def program():
    """The sessions-fcgi under test."""
    default = HERE.parents[1] / ".build" / "release" / "sessions-fcgi"
    path = Path(os.environ.get("SESSIONS_FCGI") or default).resolve()
    if not path.exists():
        pytest.exit(f"{path} is not built (scripts/test builds it)", returncode=3)
    return path


@pytest.fixture
def new_client(stack):
    """Makes a client for a user that nobody has seen before, or for the one named."""

    def make(name=None):
        name = name or f"user-{secrets.token_hex(6)}"
        stack.add_user(name)
        return Client(stack.url, name)

    return make


@pytest.fixture
def alice(new_client):
    """A user never seen before."""
    return new_client()


@pytest.fixture
def bob(new_client):
    """Another one."""
    return new_client()


@pytest.fixture
def stranger(stack):
    """Someone who has not signed in."""
    return Client(stack.url, None)


@pytest.fixture
def db(stack):
    with psycopg.connect(stack.database_url, autocommit=True) as connection:
        yield Database(connection)


class Database:
    """The tables, as the rest of the app sees them."""

    def __init__(self, connection):
        self.execute = connection.execute

    def value(self, query, *parameters):
        row = self.execute(query, parameters).fetchone()
        return row and row[0]

    def session(self, session_id):
        """One row of speaking_sessions as a dictionary, or None."""
        query = "SELECT to_jsonb(s) FROM speaking_sessions s WHERE id = %s"
        return self.value(query, session_id)

    def user_id(self, external_id):
        return self.value('SELECT id FROM users WHERE "externalId" = %s', external_id)

    def session_count(self, external_id):
        query = (
            'SELECT count(*) FROM speaking_sessions s JOIN users u ON u.id = s."userId"'
            ' WHERE u."externalId" = %s'
        )
        return self.value(query, external_id)

    def add_session(self, external_id, **columns):
        """A session as the rest of the app would have made it; returns its id."""
        values = {
            "id": f"c{secrets.token_hex(12)}",
            "userId": self.user_id(external_id),
            "status": "DONE",
            "updatedAt": "2026-02-18 22:55:18.123",
            **columns,
        }
        names = ", ".join(f'"{name}"' for name in values)
        places = ", ".join(["%s"] * len(values))
        query = f"INSERT INTO speaking_sessions ({names}) VALUES ({places})"
        self.execute(query, list(values.values()))
        return values["id"]


@pytest.fixture(scope="session")
def bucket(stack):
    """The stack's bucket, looked into with boto3."""
    return stack.bucket()


@pytest.fixture(scope="session")
def recordings(tmp_path_factory):
    """Real recordings by name: type and bytes."""
    return make_recordings(tmp_path_factory.mktemp("recordings"))


@pytest.fixture
def sites(stack):
    """Starts further responders, with an nginx in front where wanted; all end with the test."""
    sites = Sites(stack)
    try:
        yield sites
    finally:
        sites.stop()


@pytest.fixture(scope="module")
def module_sites(stack):
    """The same for those that a module's tests share."""
    sites = Sites(stack)
    try:
        yield sites
    finally:
        sites.stop()


@pytest.fixture
def run(stack):
    """Runs the program to its end, with settings changed (None takes one away)."""

    def run(*arguments, seconds=30, input=None, **settings):
        changed = {**stack.settings, **settings}
        return run_program(stack.program, changed, *arguments, seconds=seconds, input=input)

    return run


@pytest.fixture
def tenant(stack, sites):
    """A database and a bucket in which no other responder's sweeper has a hand."""
    with Tenant(stack, sites) as tenant:
        yield tenant


@pytest.fixture
def gate():
    """Stops the program at a step that a test names; what is stopped at the end is cut."""
    gate = Gate()
    yield gate
    gate.cut()


@pytest.fixture
def ways(tenant, stack, gate):
    """Settings by which database and storage lie behind the gate."""
    with (
        DatabaseRelay(urlsplit(tenant.database_url), gate) as database,
        StorageRelay(stack, gate) as storage,
    ):
        yield {
            "DATABASE_URL": tenant.database_url_at(database.port),
            "R2_ENDPOINT": storage.endpoint,
        }


@pytest.fixture
def empty_database_url(stack):
    """The URL of a new database of the same server, owned by the same role."""
    name = f"empty_{os.getpid()}_{time.monotonic_ns()}"
    admin = urlsplit(stack.database_url)._replace(path="/postgres")
    admin = admin._replace(netloc=admin.netloc.replace("sessions:", "postgres:", 1)).geturl()
    with psycopg.connect(admin, autocommit=True) as db:
        db.execute(f"CREATE DATABASE {name} OWNER sessions")
        yield urlsplit(stack.database_url)._replace(path=f"/{name}").geturl()
        db.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(stack):
    """Where the stack's database is, in its parts."""
    return urlsplit(stack.database_url)


@pytest.fixture
def database_proxy(database):
    """A way to it that a test can break and mend."""
    with Proxy(database.hostname, database.port) as proxy:
        yield proxy
