-- An upload needs the user's consent, which the app keeps in user_consents.
CREATE OR REPLACE FUNCTION sessions_fcgi.may_upload(
  user_id text, external_id text, duration integer)
RETURNS text LANGUAGE sql STABLE AS $rule$
  SELECT 'Please agree to the recording of your voice first.'
  WHERE NOT EXISTS (
    SELECT FROM user_consents WHERE "userId" = user_id AND "withdrawnAt" IS NULL)
$rule$;
