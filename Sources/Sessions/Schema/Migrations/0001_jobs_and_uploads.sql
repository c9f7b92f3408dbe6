-- Our tables, but for the record of the migrations (Repeated/schema_version.sql).

-- `jobs` is the outbox: what still has to be done, whatever happens to the process that wrote it
-- down. An `upload` job says that its key may exist in storage without a session; it becomes a
-- `delete` job when the upload fails or is given up. `publish` jobs tell the processing.
-- `uploads` remembers each upload for 24 hours: for idempotency keys and for limits.
--
-- Where rows of several tables are locked, the job's comes first. The functions that follow are
-- PL/pgSQL, as each statement in them sees what was committed while the one before waited for a
-- lock; in one plain statement a limit counted after such a wait would count the past.

CREATE TABLE IF NOT EXISTS sessions_fcgi.jobs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('upload', 'delete', 'publish')),
  "sessionId" text NOT NULL,
  "objectKey" text UNIQUE,
  "aliveAt" timestamp(3),
  attempts integer NOT NULL DEFAULT 0,
  "lastError" text,
  "createdAt" timestamp(3) NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'UTC'),
  "dueAt" timestamp(3) NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'UTC'));
CREATE INDEX IF NOT EXISTS "jobs_sessionId_idx" ON sessions_fcgi.jobs ("sessionId");
CREATE INDEX IF NOT EXISTS "jobs_dueAt_idx" ON sessions_fcgi.jobs ("dueAt");
COMMENT ON COLUMN sessions_fcgi.jobs."aliveAt" IS
  'when a PUT of this key was last known to be under way; null if none can be';
CREATE TABLE IF NOT EXISTS sessions_fcgi.uploads (
  "sessionId" text PRIMARY KEY,
  "externalId" text NOT NULL,
  "idempotencyKey" text,
  "contentHash" text,
  "startedAt" timestamp(3) NOT NULL,
  "completedAt" timestamp(3),
  "sessionCreatedAt" timestamp(3),
  UNIQUE ("externalId", "idempotencyKey"));
CREATE INDEX IF NOT EXISTS "uploads_externalId_startedAt_idx"
  ON sessions_fcgi.uploads ("externalId", "startedAt");
CREATE INDEX IF NOT EXISTS "uploads_startedAt_idx" ON sessions_fcgi.uploads ("startedAt");
