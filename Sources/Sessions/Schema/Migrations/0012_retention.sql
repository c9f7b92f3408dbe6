-- Recordings that are older than they are kept.

-- The app's table has no index by time, and gets none of us: it is walked by its primary key, some
-- rows at a time, and where the walk stands is kept here.

CREATE TABLE IF NOT EXISTS sessions_fcgi.retention (
  "isOnlyRow" boolean PRIMARY KEY DEFAULT true CHECK ("isOnlyRow"),
  "afterId" text NOT NULL DEFAULT '');
INSERT INTO sessions_fcgi.retention DEFAULT VALUES ON CONFLICT DO NOTHING;

-- Passes at most `p_max_rows` sessions, and leaves jobs for at most `p_max_due` recordings. A
-- session of another status than `p_statuses`, or for which something is still to be done, is one
-- that the app works on. It keeps its key until the job is done, which then sets "audioDeletedAt".
CREATE OR REPLACE FUNCTION sessions_fcgi.expire_recordings(
  p_days integer, p_statuses text[], p_max_rows integer, p_max_due integer,
  OUT due integer, OUT is_at_end boolean)
LANGUAGE plpgsql SET search_path FROM CURRENT AS $function$
DECLARE
  kept_since CONSTANT timestamp(3) :=
    clock_timestamp() AT TIME ZONE 'UTC' - p_days * interval '1 day';
  last_id text;
  row_count integer := 0;
  passed record;
BEGIN
  due := 0;
  is_at_end := false;
  SELECT "afterId" INTO last_id FROM sessions_fcgi.retention FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    -- Another process walks.
    RETURN;
  END IF;
  FOR passed IN
    SELECT id, "audioUrl" AS key,
      "createdAt" < kept_since AND "audioDeletedAt" IS NULL
        AND octet_length("audioUrl") BETWEEN 1 AND 1024
        AND status::text = ANY (p_statuses) AS is_due
      FROM speaking_sessions WHERE id > last_id ORDER BY id LIMIT p_max_rows
  LOOP
    IF passed.is_due
      AND NOT EXISTS (SELECT FROM sessions_fcgi.jobs WHERE "sessionId" = passed.id)
    THEN
      INSERT INTO sessions_fcgi.jobs (kind, "sessionId", "objectKey")
        VALUES ('delete', passed.id, passed.key) ON CONFLICT DO NOTHING;
      due := due + 1;
    END IF;
    last_id := passed.id;
    row_count := row_count + 1;
    EXIT WHEN due >= p_max_due;
  END LOOP;
  is_at_end := row_count < p_max_rows AND due < p_max_due;
  UPDATE sessions_fcgi.retention
    SET "afterId" = CASE WHEN is_at_end THEN '' ELSE last_id END;
END
$function$;
