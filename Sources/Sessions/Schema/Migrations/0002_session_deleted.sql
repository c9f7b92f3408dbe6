-- Whoever deletes a session, the app and a cascade included, leaves a job for its recording.

-- With its owner's rights and no search path, it cannot fail for want of rights or be led astray by
-- other schemas; nor over a text that is no key, which an index might not take. The trigger that
-- calls it is in Repeated/session_deleted_trigger.sql.

CREATE OR REPLACE FUNCTION sessions_fcgi.session_deleted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $function$
BEGIN
  IF octet_length(OLD."audioUrl") BETWEEN 1 AND 1024 THEN
    INSERT INTO sessions_fcgi.jobs (kind, "sessionId", "objectKey")
      VALUES ('delete', OLD.id, OLD."audioUrl") ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END
$function$;
