-- The limits on a user's uploads: at the same time, and within an hour.

-- Returns the seconds after which there is room for one more; NULL if there is now. The caller sees
-- to it that no other upload of the user begins meanwhile. An upload whose job was not alive since
-- `p_alive_since` belongs to a dead process and locks nobody out.
CREATE OR REPLACE FUNCTION sessions_fcgi.check_rate_limits(
  p_external_id text, p_max_in_flight integer, p_max_per_hour integer, p_now timestamp,
  p_alive_since timestamp)
RETURNS integer LANGUAGE plpgsql SET search_path = '' AS $function$
DECLARE
  in_flight text[];
  free_at timestamp(3);
BEGIN
  IF p_max_in_flight <= 0 AND p_max_per_hour <= 0 THEN
    RETURN NULL;
  END IF;
  in_flight := ARRAY(
    SELECT upload."sessionId" FROM sessions_fcgi.uploads AS upload
      JOIN sessions_fcgi.jobs AS job USING ("sessionId")
    WHERE upload."externalId" = p_external_id AND job.kind = 'upload'
      AND job."aliveAt" > p_alive_since);
  IF p_max_in_flight > 0 AND cardinality(in_flight) >= p_max_in_flight THEN
    RETURN 2;
  END IF;
  IF p_max_per_hour > 0 THEN
    -- The upload whose hour has to end before there is room for one more.
    SELECT "startedAt" + interval '1 hour' INTO free_at FROM sessions_fcgi.uploads
      WHERE "externalId" = p_external_id AND "startedAt" > p_now - interval '1 hour'
        AND ("completedAt" IS NOT NULL OR "sessionId" = ANY (in_flight))
      ORDER BY "startedAt" DESC OFFSET p_max_per_hour - 1 LIMIT 1;
    IF FOUND THEN
      RETURN greatest(1, ceil(extract(epoch FROM free_at - p_now))::integer);
    END IF;
  END IF;
  RETURN NULL;
END
$function$;
