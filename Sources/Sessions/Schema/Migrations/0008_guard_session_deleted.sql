-- The trigger's function serves its own trigger alone, and never fails the app.

-- It has its owner's rights, so on a table of somebody else's it would have any object deleted:
-- nobody else may make a trigger of it, and one that was made before does nothing.
--
-- What the app's table has become is not presumed: columns are read by way of JSON, and whatever
-- goes wrong is a warning. The recording is then found by `sweep --compare`.

CREATE OR REPLACE FUNCTION sessions_fcgi.session_deleted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $function$
DECLARE
  session jsonb;
  key text;
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
  RETURN NULL;
EXCEPTION WHEN OTHERS THEN
  RAISE WARNING 'sessions_fcgi: no job was left for the recording of a deleted session (%)',
    SQLSTATE;
  RETURN NULL;
END
$function$;

REVOKE EXECUTE ON FUNCTION sessions_fcgi.session_deleted() FROM PUBLIC;
