"""The owner's own rule for uploads: a function in the database."""

import subprocess
from pathlib import Path

import pytest
from client import assert_error
from commands import run_program
from tenant import post, upload
from waiting import at_once

from stack.directory import ROOT
from stack.part import plain_environment

RULE = """
    CREATE OR REPLACE FUNCTION sessions_fcgi.may_upload(
      user_id text, external_id text, duration integer)
    RETURNS text LANGUAGE plpgsql AS $$ BEGIN {} END $$
"""
TABLES = ["users", "speaking_sessions", "sessions_fcgi.jobs", "sessions_fcgi.uploads"]


@pytest.fixture
def site(tenant):
    return tenant.responder(workers=8, MAX_UPLOADS_IN_FLIGHT=0, MAX_UPLOADS_PER_HOUR=0)


def set_rule(tenant, body):
    tenant.execute(RULE.format(body))


def counts(tenant):
    return [tenant.value(f"SELECT count(*) FROM {table}") for table in TABLES]


def test_refusal_leaves_nothing_and_the_same_key_is_asked_again(tenant, site):
    set_rule(tenant, "RETURN E'Agree first,\\n' || external_id || '.';")
    for _ in range(2):
        answer = post(site, key="k")
        assert_error(answer, 403, "UPLOAD_REFUSED")
        assert answer.json()["error"] == "Agree first,demo."
    assert counts(tenant) == [0, 0, 0, 0]
    assert tenant.bucket.keys() == []
    assert "code=UPLOAD_REFUSED" in site.log_text() and "Agree first" not in site.log_text()
    set_rule(tenant, "RETURN NULL;")
    session = upload(site, key="k")
    set_rule(tenant, "RETURN 'Not any more';")
    assert upload(site, key="k") == session


def test_rule_that_fails_is_no_pass_and_is_named(tenant, site):
    set_rule(tenant, "RAISE EXCEPTION 'about %%', external_id;")
    assert_error(post(site), 500, "INTERNAL_ERROR")
    set_rule(tenant, "SET LOCAL lock_timeout = '50ms'; LOCK TABLE users; RETURN NULL;")
    with tenant.connection.transaction():
        tenant.execute("LOCK TABLE users IN ROW EXCLUSIVE MODE")
        assert_error(post(site), 503, "DATABASE_UNAVAILABLE")
    tenant.execute("DROP FUNCTION sessions_fcgi.may_upload(text, text, integer)")
    assert_error(post(site), 500, "INTERNAL_ERROR")
    assert counts(tenant) == [0, 0, 0, 0]
    assert site.log_text().count(", in sessions_fcgi.may_upload") == 3
    assert "about demo" not in site.log_text()
    checked = tenant.run("check")
    assert checked.returncode != 0 and b"may_upload" in checked.stdout
    tenant.command("migrate")
    assert "rule" not in tenant.command("check")
    upload(site)


def test_what_a_rule_counts_holds_for_uploads_at_once(tenant, site):
    """Without any limit of the program's, and for a user who is made by one of them."""
    set_rule(
        tenant,
        "RETURN CASE WHEN 2 <= (SELECT count(*) FROM speaking_sessions s"
        " WHERE s.\"userId\" = user_id) THEN 'Enough' END;",
    )
    answers = at_once(8, lambda number: post(site, bytes([number])))
    assert sorted(answer.status_code for answer in answers) == [201] * 2 + [403] * 6


def test_rule_is_printed_before_it_goes(tenant):
    set_rule(tenant, "RETURN 'a rule of ours';")
    assert "with a rule of its own" in tenant.command("check")
    command = [tenant.stack.program, "migrate", "--uninstall"]
    settings = {**plain_environment(), **{k: str(v) for k, v in tenant.settings.items()}}
    with Path("/dev/full").open("wb") as full:
        assert subprocess.run(command, env=settings, stdout=full, timeout=30).returncode == 1
    printed = run_program(tenant.stack.program, tenant.settings, "migrate", "--uninstall")
    assert printed.returncode == 0
    tenant.command("migrate")
    tenant.connection.execute(printed.stdout.decode().rpartition("sessions-fcgi:")[0])
    assert "with a rule of its own" in tenant.command("check")


# The examples of docs/rules.md


def set_example(tenant, name):
    tenant.connection.execute((ROOT / "docs" / "rules" / f"{name}.sql").read_text())


def test_example_that_asks_for_consent(tenant, site):
    tenant.execute('CREATE TABLE user_consents ("userId" text, "withdrawnAt" timestamp(3))')
    set_example(tenant, "consent")
    assert_error(post(site, key="k"), 403, "UPLOAD_REFUSED")
    tenant.execute(
        "INSERT INTO users (id, \"externalId\", \"updatedAt\") VALUES ('u1', 'demo', now())"
    )
    tenant.execute("INSERT INTO user_consents VALUES ('u1', NULL)")
    upload(site, key="k")
    tenant.execute('UPDATE user_consents SET "withdrawnAt" = now()')
    answer = post(site)
    assert answer.json()["error"] == "Please agree to the recording of your voice first."


def test_example_with_a_quota_by_plan(tenant, site):
    tenant.execute("ALTER TABLE users ADD COLUMN plan text")
    set_example(tenant, "plan-and-quota")
    session = upload(site)
    copies = (
        'INSERT INTO speaking_sessions (id, "userId", status, "createdAt", "updatedAt")'
        ' SELECT {} || n, "userId", \'{}\', "createdAt" - {}, now()'
        " FROM speaking_sessions, generate_series(1, {}) n WHERE id = %s"
    )
    tenant.execute(copies.format("'old'", "DONE", "interval '32 days'", 20), session)
    tenant.execute(copies.format("'failed'", "FAILED", "interval '0'", 20), session)
    tenant.execute(copies.format("'new'", "DONE", "interval '0'", 18), session)
    upload(site)
    answer = post(site)
    assert_error(answer, 403, "UPLOAD_REFUSED")
    assert answer.json()["error"].startswith("Your plan includes 20 recordings a month")
    tenant.execute("UPDATE users SET plan = 'pro'")
    upload(site)
