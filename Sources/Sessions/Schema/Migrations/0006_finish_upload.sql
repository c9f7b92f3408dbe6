-- The end of an upload whose recording is stored.

-- `uploaded`, `deleted` (the session is gone), or `given_up` (a sweeper or a later try took it for
-- dead). It may be repeated.

CREATE OR REPLACE FUNCTION sessions_fcgi.finish_upload(
  p_session_id text, p_object_key text, p_publish boolean, OUT outcome text,
  OUT created_at timestamp)
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
