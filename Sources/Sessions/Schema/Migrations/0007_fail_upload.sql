-- The end of an upload that failed.

-- What may have reached storage is to be deleted, and the session does not look as if its upload
-- were still under way.

CREATE OR REPLACE FUNCTION sessions_fcgi.fail_upload(p_session_id text, p_message text)
RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $function$
DECLARE
  utc timestamp(3) := clock_timestamp() AT TIME ZONE 'UTC';
BEGIN
  UPDATE sessions_fcgi.jobs SET kind = 'delete', "aliveAt" = utc, "dueAt" = utc
    WHERE kind = 'upload' AND "sessionId" = p_session_id;
  UPDATE speaking_sessions
    SET status = 'FAILED', "errorMessage" = p_message, "updatedAt" = utc
    WHERE id = p_session_id AND status = 'CREATED';
END
$function$;
