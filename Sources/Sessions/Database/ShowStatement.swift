// The SQL of one session with all that belongs to it.

internal import Postgres

extension SessionStatements {
  /// Everything of one session: whatever columns the app's tables have by now, so they are asked
  /// for by name only where their form in JSON is not what the client expects: times.
  static func show(_ schema: QuotedIdentifier) -> Statement {
    """
    WITH owner AS MATERIALIZED (SELECT id FROM \(schema).users WHERE "externalId" = $1),
    session AS MATERIALIZED (
      SELECT s.tableoid AS "table", s.id, to_jsonb(s) AS columns
      FROM \(schema).speaking_sessions AS s
      WHERE s.id = $2 AND s."userId" = (SELECT id FROM owner)
    ),
    fields AS (
      SELECT attnum::int AS position, attname::text AS name, CASE
          WHEN value #>> '{}' IS NULL THEN value
          WHEN atttypid IN ('timestamp'::regtype, 'date'::regtype)
            THEN to_jsonb(\(iso("(value #>> '{}')::timestamp")))
          WHEN atttypid = 'timestamptz'::regtype
            THEN to_jsonb(\(iso("(value #>> '{}')::timestamptz AT TIME ZONE 'UTC'")))
          ELSE value
        END AS value
      FROM session
      JOIN pg_catalog.pg_attribute ON attrelid = "table" AND attnum > 0 AND NOT attisdropped
      CROSS JOIN LATERAL (SELECT columns -> attname::text AS value) AS cell
      UNION ALL
      SELECT 10001, 'transcript', (
        SELECT to_jsonb(t) FROM \(schema).transcripts AS t WHERE t."sessionId" = session.id)
      FROM session
      UNION ALL
      SELECT 10002, 'insights', coalesce((
        SELECT jsonb_agg(to_jsonb(i) ORDER BY
          CASE i.severity WHEN 'high' THEN 1 WHEN 'medium' THEN 2 WHEN 'low' THEN 3 ELSE 4 END,
          i.id)
        FROM \(schema).insights AS i WHERE i."sessionId" = session.id), '[]')
      FROM session
    )
    SELECT EXISTS (SELECT FROM owner),
      (SELECT json_object_agg(name, value ORDER BY position) FROM fields)
    """
  }
}
