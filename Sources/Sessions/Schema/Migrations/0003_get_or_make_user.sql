-- Who makes the user: the first upload, if the app has not.

CREATE OR REPLACE FUNCTION sessions_fcgi.get_or_make_user(
  p_external_id text, p_new_user_id text, p_email text, p_display_name text, p_now timestamp)
RETURNS text LANGUAGE plpgsql SET search_path FROM CURRENT AS $function$
DECLARE
  user_id text;
BEGIN
  SELECT id INTO user_id FROM users WHERE "externalId" = p_external_id;
  IF NOT FOUND THEN
    -- Of two requests that make the same user at once, the later one takes the other's row, which
    -- DO NOTHING would not return.
    INSERT INTO users AS known
      (id, "externalId", email, "displayName", "createdAt", "updatedAt")
      VALUES (p_new_user_id, p_external_id, p_email, p_display_name, p_now, p_now)
      ON CONFLICT ("externalId") DO UPDATE SET "externalId" = known."externalId"
      RETURNING id INTO user_id;
  END IF;
  RETURN user_id;
END
$function$;
