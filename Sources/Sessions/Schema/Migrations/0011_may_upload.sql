-- The owner's own rule is asked before an upload begins.

-- Without a SET of its own, so that the rule runs on the search path of begin_upload: the app's
-- schema, and pg_catalog. What it refuses is an error, with which all that was done before goes,
-- also what the rule itself has written. The function in between is in the context of whatever
-- goes wrong in the rule, even where PostgreSQL has made that a part of it.
CREATE OR REPLACE FUNCTION sessions_fcgi.ask_may_upload(
  p_user_id text, p_external_id text, p_duration integer)
RETURNS void LANGUAGE plpgsql AS $function$
DECLARE
  refusal CONSTANT text := sessions_fcgi.may_upload(p_user_id, p_external_id, p_duration);
BEGIN
  IF refusal IS NOT NULL THEN
    -- The program makes of it what a client is told.
    RAISE EXCEPTION USING ERRCODE = 'SF403', MESSAGE = left(refusal, 10000);
  END IF;
END
$function$;

CREATE OR REPLACE FUNCTION sessions_fcgi.begin_upload(
  p_external_id text, p_new_user_id text, p_email text, p_display_name text,
  p_session_id text, p_extension text, p_duration integer, p_language text, p_topic text,
  p_key text, p_content_hash text, p_most_in_flight integer, p_most_per_hour integer,
  OUT outcome text, OUT session_id text, OUT object_key text, OUT created_at timestamp,
  OUT retry_after integer)
LANGUAGE plpgsql SET search_path FROM CURRENT AS $function$
DECLARE
  lease CONSTANT interval := interval '30 seconds';
  utc timestamp(3);
  user_id text;
  earlier sessions_fcgi.uploads;
BEGIN
  session_id := p_session_id;
  -- One beginning at a time for each user: what is counted below, by the owner's rule as well,
  -- stays true until we commit.
  PERFORM pg_advisory_xact_lock(1936876915, hashtext(p_external_id));
  utc := clock_timestamp() AT TIME ZONE 'UTC';

  IF p_key IS NOT NULL THEN
    PERFORM FROM sessions_fcgi.jobs AS job
      JOIN sessions_fcgi.uploads AS upload USING ("sessionId")
      WHERE upload."externalId" = p_external_id AND upload."idempotencyKey" = p_key
        AND job.kind = 'upload'
      FOR UPDATE OF job;
    SELECT * INTO earlier FROM sessions_fcgi.uploads
      WHERE "externalId" = p_external_id AND "idempotencyKey" = p_key;
    IF earlier."completedAt" IS NOT NULL
      AND earlier."startedAt" > utc - interval '24 hours'
    THEN
      outcome := CASE WHEN earlier."contentHash" = p_content_hash
        THEN 'replayed' ELSE 'mismatch' END;
      session_id := earlier."sessionId";
      created_at := earlier."sessionCreatedAt";
      RETURN;
    END IF;
    -- If its process is dead, the key comes free when the lease runs out.
    SELECT greatest(1, ceil(extract(epoch FROM "aliveAt" + lease - utc))::integer)
      INTO retry_after FROM sessions_fcgi.jobs
      WHERE kind = 'upload' AND "sessionId" = earlier."sessionId"
        AND "aliveAt" > utc - lease;
    IF FOUND THEN
      outcome := 'in_progress';
      RETURN;
    END IF;
  END IF;

  retry_after := sessions_fcgi.check_rate_limits(
    p_external_id, p_most_in_flight, p_most_per_hour, utc, utc - lease);
  IF retry_after IS NOT NULL THEN
    outcome := 'limited';
    RETURN;
  END IF;

  IF earlier."sessionId" IS NOT NULL THEN
    UPDATE sessions_fcgi.jobs SET kind = 'delete', "dueAt" = utc
      WHERE kind = 'upload' AND "sessionId" = earlier."sessionId";
    UPDATE sessions_fcgi.uploads SET "idempotencyKey" = NULL
      WHERE "sessionId" = earlier."sessionId";
    DELETE FROM speaking_sessions
      WHERE id = earlier."sessionId" AND status IN ('CREATED', 'FAILED')
        AND "audioUrl" IS NULL;
  END IF;

  user_id := sessions_fcgi.get_or_make_user(
    p_external_id, p_new_user_id, p_email, p_display_name, utc);
  PERFORM sessions_fcgi.ask_may_upload(user_id, p_external_id, p_duration);
  object_key := 'sessions/' || user_id || '/' || p_session_id || '/audio.' || p_extension;
  INSERT INTO speaking_sessions
    (id, "userId", status, "durationSecs", language, topic, "createdAt", "updatedAt")
    VALUES (p_session_id, user_id, 'CREATED', p_duration, p_language, p_topic, utc, utc);
  INSERT INTO sessions_fcgi.jobs (kind, "sessionId", "objectKey", "aliveAt")
    VALUES ('upload', p_session_id, object_key, utc);
  INSERT INTO sessions_fcgi.uploads
    ("sessionId", "externalId", "idempotencyKey", "contentHash", "startedAt")
    VALUES (p_session_id, p_external_id, p_key, p_content_hash, utc);
  outcome := 'begun';
END
$function$;
