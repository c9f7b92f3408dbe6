-- What the app has still to be told by webhook: as a job, in a table of its own.

-- To let the table of jobs have another kind would wait for whoever works on a job, and all others
-- would wait behind that.
CREATE TABLE IF NOT EXISTS sessions_fcgi.webhooks (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  "sessionId" text NOT NULL,
  traceparent text,
  attempts integer NOT NULL DEFAULT 0,
  "lastError" text,
  "createdAt" timestamp(3) NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'UTC'),
  "dueAt" timestamp(3) NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'UTC'));
CREATE INDEX IF NOT EXISTS "webhooks_dueAt_idx" ON sessions_fcgi.webhooks ("dueAt");
CREATE INDEX IF NOT EXISTS "webhooks_sessionId_idx" ON sessions_fcgi.webhooks ("sessionId");

-- The end of an upload whose recording is stored: as before, and with the webhook.
CREATE OR REPLACE FUNCTION sessions_fcgi.finish_upload(
  p_session_id text, p_object_key text, p_publish boolean, p_webhook boolean, p_traceparent text,
  OUT outcome text, OUT created_at timestamp)
LANGUAGE plpgsql SET search_path FROM CURRENT AS $function$
DECLARE
  utc timestamp(3);
  job sessions_fcgi.jobs;
BEGIN
  SELECT * INTO job FROM sessions_fcgi.jobs
    WHERE kind = 'upload' AND "sessionId" = p_session_id FOR UPDATE;
  utc := clock_timestamp() AT TIME ZONE 'UTC';
  IF job.id IS NULL THEN
    SELECT "sessionCreatedAt" INTO created_at FROM sessions_fcgi.uploads
      WHERE "sessionId" = p_session_id AND "completedAt" IS NOT NULL;
    IF FOUND THEN
      outcome := 'uploaded';
      RETURN;
    END IF;
    -- Its job may be done already, and found nothing: the PUT has landed since.
    INSERT INTO sessions_fcgi.jobs (kind, "sessionId", "objectKey", "dueAt")
      VALUES ('delete', p_session_id, p_object_key, utc)
      ON CONFLICT ("objectKey") DO UPDATE SET "dueAt" = utc;
  ELSE
    UPDATE speaking_sessions
      SET status = 'UPLOADED', "audioUrl" = job."objectKey", "updatedAt" = utc
      WHERE id = p_session_id AND status = 'CREATED'
      RETURNING "createdAt" INTO created_at;
    IF FOUND THEN
      DELETE FROM sessions_fcgi.jobs WHERE id = job.id;
      UPDATE sessions_fcgi.uploads
        SET "completedAt" = utc, "sessionCreatedAt" = created_at
        WHERE "sessionId" = p_session_id;
      IF p_publish THEN
        INSERT INTO sessions_fcgi.jobs (kind, "sessionId") VALUES ('publish', p_session_id);
      END IF;
      IF p_webhook THEN
        INSERT INTO sessions_fcgi.webhooks ("sessionId", traceparent)
          VALUES (p_session_id, p_traceparent);
      END IF;
      PERFORM pg_notify('session_uploaded', p_session_id);
      outcome := 'uploaded';
      RETURN;
    END IF;
    -- The PUT has ended, so one deletion suffices.
    UPDATE sessions_fcgi.jobs SET kind = 'delete', "aliveAt" = NULL, "dueAt" = utc
      WHERE id = job.id;
  END IF;
  outcome := CASE
    WHEN EXISTS (SELECT FROM speaking_sessions WHERE id = p_session_id)
    THEN 'given_up' ELSE 'deleted' END;
END
$function$;

-- As programs before know it.
CREATE OR REPLACE FUNCTION sessions_fcgi.finish_upload(
  p_session_id text, p_object_key text, p_publish boolean, OUT outcome text,
  OUT created_at timestamp)
LANGUAGE sql AS $function$
  SELECT outcome, created_at
  FROM sessions_fcgi.finish_upload(p_session_id, p_object_key, p_publish, false, NULL)
$function$;
