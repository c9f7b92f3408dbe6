"""The sweeper's turns: what fails in one, and whom that concerns."""

from urllib.parse import urlsplit

from commands import said
from proxy import Proxy
from tenant import upload
from waiting import wait_until

FAILED = "a part of the outbox's work failed"


def test_statement_that_fails_for_good_holds_up_no_other(tenant):
    site = tenant.responder(workers=4)
    upload(site)
    tenant.execute('ALTER TABLE speaking_sessions RENAME "errorMessage" TO error')
    tenant.execute("DELETE FROM speaking_sessions")
    wait_until(lambda: not tenant.bucket.keys(), "the recording is deleted", 30)
    site.stop()
    tenant.execute("INSERT INTO sessions_fcgi.jobs (kind, \"sessionId\") VALUES ('publish', 's')")
    swept = tenant.run("sweep")
    assert swept.returncode != 0 and "QSTASH_TOKEN" in tenant.jobs()[0]["lastError"]
    for told in (site.log_text(), said(swept)):
        assert "give up uploads" in told and "errorMessage" in told


def test_database_that_is_away_costs_a_turn_one_line(tenant):
    with Proxy("127.0.0.1", urlsplit(tenant.database_url).port) as way:
        site = tenant.responder(workers=1, DATABASE_URL=tenant.database_url_at(way.port))
        way.set_mode("refuse")
        wait_until(lambda: FAILED in site.log_text(), "the sweeper's turn", 30)
        assert site.terminate() == 0
    # A second turn may have begun; what it does is six parts.
    assert site.log_text().count(FAILED) <= 2, site.log_text()
