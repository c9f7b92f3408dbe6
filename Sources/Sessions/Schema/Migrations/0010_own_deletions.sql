-- Our own deletion leaves the job itself, and its trigger has nothing to do.

-- It says so by a setting that ends with its transaction. To look into the row, and to be ready for
-- whatever goes wrong, cost as much as the deletion.

CREATE OR REPLACE FUNCTION sessions_fcgi.session_deleted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $function$
DECLARE
  session jsonb;
  key text;
BEGIN
  IF current_setting('sessions_fcgi.job_is_left', true) = 'yes' THEN
    RETURN NULL;
  END IF;
  BEGIN
    IF TG_RELID IS DISTINCT FROM (
      SELECT to_regclass(min("appSchema") || '.speaking_sessions')::oid
      FROM sessions_fcgi.schema_version)
    THEN
      RETURN NULL;
    END IF;
    session := to_jsonb(OLD);
    key := session ->> 'audioUrl';
    -- A text that is no key might not fit into the index.
    IF session ->> 'audioDeletedAt' IS NULL AND octet_length(key) BETWEEN 1 AND 1024 THEN
      INSERT INTO sessions_fcgi.jobs (kind, "sessionId", "objectKey")
        VALUES ('delete', coalesce(session ->> 'id', ''), key) ON CONFLICT DO NOTHING;
    END IF;
  EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'sessions_fcgi: no job was left for the recording of a deleted session (%)',
      SQLSTATE;
  END;
  RETURN NULL;
END
$function$;
