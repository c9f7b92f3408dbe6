"""scripts/bench --growth: what a request costs as sessions become many, one user's and all."""

from statistics import median

import psycopg

from . import works
from .costs import Costs
from .report import markdown, number
from .works import CLIENTS, READER, SMALL, ab

OWNED = (10, 100, 1000, 10_000, 100_000)
OTHERS = (1000, 10_000, 100_000, 1_000_000)
UPLOADS, JOBS = 200_000, 50_000
GROW = """
INSERT INTO users (id, "externalId", "updatedAt")
  SELECT 'o' || n, 'other' || n, now() FROM generate_series(0, 999) AS n ON CONFLICT DO NOTHING;
INSERT INTO speaking_sessions
    (id, "userId", status, "durationSecs", topic, "createdAt", "updatedAt")
  SELECT %(prefix)s || lpad(n::text, 23, '0'),
    CASE %(prefix)s WHEN 'co' THEN 'o' || n %% 1000 ELSE 'u' END, 'DONE', 60, 'Topic ' || n, at, at
  FROM generate_series(%(first)s, %(last)s) AS n,
    LATERAL (SELECT timestamp '2025-01-01' + n * interval '20 seconds' AS at) AS made;
"""
# Of the last 24 hours, and due tomorrow: neither is to be done or forgotten meanwhile.
BUSY = """
INSERT INTO sessions_fcgi.uploads
    ("sessionId", "externalId", "idempotencyKey", "startedAt", "completedAt")
  SELECT 'co' || lpad(n::text, 23, '0'), 'other' || n %% 1000, 'key' || n, at, at
  FROM generate_series(1, %(uploads)s) AS n,
    LATERAL (SELECT now() AT TIME ZONE 'UTC' - n * interval '400 milliseconds' AS at) AS made;
INSERT INTO sessions_fcgi.jobs (kind, "sessionId", "objectKey", "dueAt")
  SELECT 'delete', 'gone' || n, 'gone/' || n, now() AT TIME ZONE 'UTC' + interval '1 day'
  FROM generate_series(1, %(jobs)s) AS n;
"""
COUNT = """
EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON)
SELECT count(*) FROM speaking_sessions
WHERE "userId" = (SELECT id FROM users WHERE "externalId" = %s)
"""


class Growth(Costs):
    def __init__(self, site, requests):
        super().__init__(site)
        self.peer = site.peers[0]
        self.count = max(CLIENTS, requests // 20)
        self.rows = [["sessions", "request", "program, CPU ms", "PostgreSQL, CPU ms", "plan"]]

    def run(self, say, owned=OWNED, others=OTHERS):
        self.peer.start()
        works.fill(self.peer)
        before = 0
        for total in others:
            self._grow("co", before + 1, total)
            self._ask_for_all(f"{total:,} of others")
            say(f"{total:,} sessions of others")
            before = total
        self._execute(BUSY, {"uploads": UPLOADS, "jobs": JOBS})
        self._ask_for_all(f"and {UPLOADS:,} uploads, {JOBS:,} jobs")
        # Among all these, or the planner would rightly read the whole table.
        self._execute("DELETE FROM speaking_sessions WHERE \"userId\" = 'u'")
        before = 0
        for total in owned:
            self._grow("cm", before + 1, total)
            self._ask_for_pages(f"{total:,} of the user")
            say(f"{total:,} sessions of the user")
            before = total

    def _execute(self, script, values=None):
        with psycopg.connect(self.peer.database_url, autocommit=True) as db:
            psycopg.ClientCursor(db).execute(script, values)
            db.execute("VACUUM ANALYZE")

    def _grow(self, prefix, first, last):
        self._execute(GROW, {"prefix": prefix, "first": first, "last": last})

    def _ask_for_pages(self, title):
        self._ask_for_page(title, "page 1", "page=1&limit=10")
        self._ask_for_page(title, "cursor", f"limit=10&{self._cursor_in_the_middle()}")
        self.rows.append([title, "total alone", "", *self._count_alone()])

    def _ask_for_page(self, title, request, query):
        url = f"{self.peer.url}?{query}"
        work = f"{title}: {request}"
        for name in (None, work):  # the first prepares the statement on each connection
            self.measure(name, self.peer, self.count, lambda: ab(self.count, CLIENTS, READER, url))
        self._tell(title, request)

    def _tell(self, title, request):
        parts = self.samples[f"{title}: {request}"][self.peer.name]
        costs = (number(parts[part][-1]) for part in ("backend", "postgres"))
        self.rows.append([title, request, *costs, ""])

    def _cursor_in_the_middle(self):
        """As the answer of that page has it: the time and id of its last session."""
        query = """SELECT (extract(epoch FROM "createdAt") * 1000)::bigint
                || '-' || encode(convert_to(id, 'UTF8'), 'hex') AS place
            FROM speaking_sessions WHERE "userId" = 'u' ORDER BY "createdAt" DESC, id DESC
            OFFSET (SELECT count(*) / 2 FROM speaking_sessions WHERE "userId" = 'u') LIMIT 1"""
        with psycopg.connect(self.peer.database_url) as db:
            return f"cursor={db.execute(query).fetchone()[0]}"

    def _count_alone(self):
        with psycopg.connect(self.peer.database_url) as db:
            plans = [db.execute(COUNT, [READER]).fetchone()[0][0] for _ in range(5)]
        scan = next(
            node
            for node in plans[0]["Plan"]["Plans"]
            if node.get("Relation Name") == "speaking_sessions"
        )
        pages = scan["Shared Hit Blocks"] + scan["Shared Read Blocks"]
        milliseconds = median(plan["Execution Time"] for plan in plans)
        return number(milliseconds), f"{scan['Node Type']}, {pages} pages"

    def _ask_for_all(self, title):
        self._ask_for_page(title, "page 1", "page=1&limit=10")
        for post, delete in ((None, None), (f"{title}: POST", f"{title}: DELETE")):
            self.upload(self.peer, self.count, SMALL, CLIENTS, post)
            self.delete_all(self.peer, delete)
        self._tell(title, "POST")
        self._tell(title, "DELETE")

    def table(self):
        return markdown(self.rows)
