// The SQL of one session with all that belongs to it.

internal import Postgres

extension SessionStatements {
  /// Everything of one session, its transcript and its insights: whatever columns the app's tables
  /// have by now, in their order.
  static func show(_ schema: QuotedIdentifier) -> Statement {
    """
    WITH owner AS MATERIALIZED (SELECT id FROM \(schema).users WHERE "externalId" = $1)
    SELECT EXISTS (SELECT FROM owner), (
      SELECT \(object(
        of: """
          \(columns(of: "s"))
          UNION ALL
          SELECT 10001, 'transcript', (
            SELECT \(object(of: columns(of: "t")))
            FROM \(schema).transcripts AS t WHERE t."sessionId" = s.id)
          UNION ALL
          SELECT 10002, 'insights', coalesce((
            SELECT json_agg(\(object(of: columns(of: "i"))) ORDER BY
              CASE i.severity
                WHEN 'high' THEN 1 WHEN 'medium' THEN 2 WHEN 'low' THEN 3 ELSE 4
              END, i.id)
            FROM \(schema).insights AS i WHERE i."sessionId" = s.id), '[]')
          """))
      FROM \(schema).speaking_sessions AS s
      WHERE s.id = $2 AND s."userId" = (SELECT id FROM owner))
    """
  }

  /// A JSON object of rows with `position`, `name` and `value`.
  static func object(of fields: Statement) -> Statement {
    "(SELECT json_object_agg(name, value ORDER BY position) FROM (\(fields)) AS fields)"
  }

  /// Such a row for each column of `row`, an alias. Only times have another form than to_jsonb's.
  static func columns(of row: Statement) -> Statement {
    """
    SELECT attnum::int AS position, attname::text AS name, (CASE
        WHEN value #>> '{}' IS NULL THEN value
        WHEN atttypid IN ('timestamp'::regtype, 'date'::regtype)
          THEN to_jsonb(\(iso("(value #>> '{}')::timestamp")))
        WHEN atttypid = 'timestamptz'::regtype
          THEN to_jsonb(\(iso("(value #>> '{}')::timestamptz AT TIME ZONE 'UTC'")))
        ELSE value
      END)::json AS value
    FROM (SELECT \(row).tableoid AS "table", to_jsonb(\(row)) AS columns) AS stored
    JOIN pg_catalog.pg_attribute ON attrelid = "table" AND attnum > 0 AND NOT attisdropped
    CROSS JOIN LATERAL (SELECT columns -> attname::text AS value) AS cell
    """
  }
}
