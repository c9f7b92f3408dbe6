-- The owner's own rule for uploads: NULL lets one pass, a text refuses it and is for the client.

-- Made only where there is none: an owner's is never touched.

DO $migrate$
BEGIN
  IF to_regprocedure('sessions_fcgi.may_upload(text, text, integer)') IS NULL THEN
    CREATE FUNCTION sessions_fcgi.may_upload(user_id text, external_id text, duration integer)
    RETURNS text LANGUAGE sql AS 'SELECT NULL::text';
  END IF;
END
$migrate$;
