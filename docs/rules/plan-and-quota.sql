-- A plan has so many recordings a calendar month, in UTC. Recordings that were deleted meanwhile do
-- not count; who has no plan has the smallest.
CREATE OR REPLACE FUNCTION sessions_fcgi.may_upload(
  user_id text, external_id text, duration integer)
RETURNS text LANGUAGE plpgsql STABLE AS $rule$
DECLARE
  month_begin CONSTANT timestamp := date_trunc('month', statement_timestamp() AT TIME ZONE 'UTC');
  included integer;
BEGIN
  SELECT CASE plan WHEN 'pro' THEN 300 ELSE 20 END INTO STRICT included
    FROM users WHERE id = user_id;
  -- speaking_sessions has an index on these two columns.
  IF included <= (
    SELECT count(*) FROM speaking_sessions
    WHERE "userId" = user_id AND "createdAt" >= month_begin AND status <> 'FAILED')
  THEN
    RETURN format('Your plan includes %s recordings a month, and you have made them.', included);
  END IF;
  RETURN NULL;
END
$rule$;
