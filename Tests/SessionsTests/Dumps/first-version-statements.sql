-- What the first version asks of our schema, the app's being "public".

PREPARE installed AS
  SELECT max(version), bool_and("appSchema" = $app$"public"$app$)
  FROM sessions_fcgi.schema_version;

PREPARE rights AS
  SELECT current_setting('transaction_read_only')::bool,
    string_agg(needed || ' on ' || name, ', ' ORDER BY name, needed)
  FROM (VALUES
      ('sessions_fcgi.jobs', ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']),
      ('sessions_fcgi.uploads', ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']))
    AS used (name, rights), unnest(rights) AS needed
  WHERE NOT has_table_privilege(name, needed);

PREPARE has_trigger AS
  SELECT EXISTS (
    SELECT FROM pg_catalog.pg_trigger
    WHERE tgrelid = to_regclass('"public".speaking_sessions')
      AND tgname = 'sessions_fcgi_deleted' AND tgenabled <> 'D');

PREPARE begin_upload AS
  SELECT outcome, session_id, object_key,
    to_char(created_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), retry_after
  FROM sessions_fcgi.begin_upload($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

PREPARE finish_upload AS
  SELECT outcome, to_char(created_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
  FROM sessions_fcgi.finish_upload($1, $2, $3);

PREPARE fail_upload AS SELECT sessions_fcgi.fail_upload($1, $2);

PREPARE delete_session AS
  WITH owner AS MATERIALIZED (SELECT id FROM "public".users WHERE "externalId" = $1),
  gone AS (
    DELETE FROM "public".speaking_sessions
    WHERE id = $2 AND "userId" = (SELECT id FROM owner)
    RETURNING id, CASE WHEN "audioDeletedAt" IS NULL THEN "audioUrl" END AS key
  ),
  job AS (
    INSERT INTO sessions_fcgi.jobs (kind, "sessionId", "objectKey")
    SELECT 'delete', id, key FROM gone WHERE octet_length(key) BETWEEN 1 AND 1024
    ON CONFLICT DO NOTHING
  )
  SELECT EXISTS (SELECT FROM owner), EXISTS (SELECT FROM gone), (SELECT key FROM gone);

PREPARE renew AS
  UPDATE sessions_fcgi.jobs SET "aliveAt" = clock_timestamp() AT TIME ZONE 'UTC'
  WHERE kind = 'upload' AND "sessionId" = ANY ($1::text[]);

PREPARE claim_due AS
  SELECT id, kind, "sessionId", "objectKey", attempts,
    "aliveAt" IS NOT NULL
      AND "aliveAt" > (clock_timestamp() AT TIME ZONE 'UTC') - $1::bigint * interval '1 second'
  FROM sessions_fcgi.jobs
  WHERE kind = $2 AND "dueAt" <= (clock_timestamp() AT TIME ZONE 'UTC')
  ORDER BY "dueAt" LIMIT 1 FOR UPDATE SKIP LOCKED;

PREPARE postpone AS
  UPDATE sessions_fcgi.jobs SET attempts = attempts + 1, "lastError" = $2,
    "dueAt" = (clock_timestamp() AT TIME ZONE 'UTC')
      + least(3600, 5 * power(2, least(attempts, 20))) * (0.5 + random()) * interval '1 second'
  WHERE id = $1;

PREPARE keep AS
  UPDATE sessions_fcgi.jobs SET attempts = 0, "lastError" = NULL,
    "dueAt" = "aliveAt" + $2::bigint * interval '1 second'
  WHERE id = $1;

PREPARE remove AS DELETE FROM sessions_fcgi.jobs WHERE id = $1;

PREPARE remove_deletion AS
  DELETE FROM sessions_fcgi.jobs
  WHERE kind = 'delete' AND "objectKey" = $1 AND "aliveAt" IS NULL;

PREPARE all_jobs AS SELECT id, kind FROM sessions_fcgi.jobs ORDER BY attempts, "createdAt", id;

PREPARE give_up AS
  WITH old AS (
    SELECT id FROM sessions_fcgi.jobs
    WHERE kind = 'upload'
      AND "createdAt" < (clock_timestamp() AT TIME ZONE 'UTC') - $1::bigint * interval '1 second'
    FOR UPDATE SKIP LOCKED
  ),
  turned AS (
    UPDATE sessions_fcgi.jobs
    SET kind = 'delete', "dueAt" = (clock_timestamp() AT TIME ZONE 'UTC')
    WHERE id IN (SELECT id FROM old) AND kind = 'upload' RETURNING "sessionId"
  ),
  failed AS (
    UPDATE "public".speaking_sessions
    SET status = 'FAILED', "errorMessage" = 'The upload did not finish',
      "updatedAt" = (clock_timestamp() AT TIME ZONE 'UTC')
    WHERE id IN (SELECT "sessionId" FROM turned) AND status = 'CREATED'
  )
  SELECT count(*) FROM turned;

PREPARE forget AS
  DELETE FROM sessions_fcgi.uploads AS upload
  WHERE "startedAt" < (clock_timestamp() AT TIME ZONE 'UTC') - interval '24 hours'
    AND NOT EXISTS (
      SELECT FROM sessions_fcgi.jobs
      WHERE kind = 'upload' AND "sessionId" = upload."sessionId");

-- Its `migrate` may be run by a script that deploys it again: what it writes must still fit.
PREPARE record AS
  INSERT INTO sessions_fcgi.schema_version (version, "appSchema")
  VALUES (1, $app$"public"$app$)
  ON CONFLICT (version) DO UPDATE SET "appSchema" = EXCLUDED."appSchema";
