// The SQL of the sessions: one statement for each thing that is done.

internal import Postgres

/// Every statement on the app's tables, for the schema that holds them.
///
/// Statements that answer a client make the JSON in the database: one round trip, one column,
/// and no row is taken apart and put together again here. Ages and times come from PostgreSQL's
/// clock in UTC, never from a column's default, which would be the server's local time.
struct SessionStatements: Sendable {
  let begin: Statement
  let finish: Statement
  let fail: Statement
  let list: Statement
  let walk: Statement
  let show: Statement
  let find: Statement
  let delete: Statement

  init(schema: QuotedIdentifier) {
    begin = """
      SELECT outcome, session_id, object_key, \(SessionStatements.iso("created_at")), retry_after
      FROM sessions_fcgi.begin_upload($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
      """
    finish = """
      SELECT outcome, \(SessionStatements.iso("created_at"))
      FROM sessions_fcgi.finish_upload($1, $2, $3)
      """
    fail = "SELECT sessions_fcgi.fail_upload($1, $2)"
    list = SessionStatements.list(schema)
    walk = SessionStatements.walk(schema)
    show = SessionStatements.show(schema)
    find = """
      WITH owner AS (SELECT id FROM \(schema).users WHERE "externalId" = $1)
      SELECT EXISTS (SELECT FROM owner), session.id IS NOT NULL,
        CASE WHEN session."audioDeletedAt" IS NULL THEN session."audioUrl" END
      FROM (SELECT) AS one LEFT JOIN \(schema).speaking_sessions AS session
        ON session.id = $2 AND session."userId" = (SELECT id FROM owner)
      """
    delete = """
      WITH owner AS MATERIALIZED (SELECT id FROM \(schema).users WHERE "externalId" = $1),
      gone AS (
        DELETE FROM \(schema).speaking_sessions
        WHERE id = $2 AND "userId" = (SELECT id FROM owner)
        RETURNING id, CASE WHEN "audioDeletedAt" IS NULL THEN "audioUrl" END AS key
      ),
      job AS (
        INSERT INTO sessions_fcgi.jobs (kind, "sessionId", "objectKey")
        SELECT 'delete', id, key FROM gone WHERE octet_length(key) BETWEEN 1 AND 1024
        ON CONFLICT DO NOTHING
      )
      SELECT EXISTS (SELECT FROM owner), EXISTS (SELECT FROM gone), (SELECT key FROM gone)
      """
  }

  /// ISO 8601 in UTC with milliseconds, as JavaScript writes it.
  private static func iso(_ expression: Statement) -> Statement {
    "to_char(\(expression), 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
  }

  /// One session as it stands in a list.
  private static let row: Statement = """
    json_build_object('id', id, 'status', status, 'durationSecs', "durationSecs",
      'language', language, 'topic', topic,
      'createdAt', \(iso("\"createdAt\"")), 'updatedAt', \(iso("\"updatedAt\"")))
    """

  private static let columns: Statement = """
    id, status, "durationSecs", language, topic, "createdAt", "updatedAt"
    """

  /// Equal times are told apart by id, or pages would overlap.
  private static let newestFirst: Statement = """
    ORDER BY "createdAt" DESC, id DESC
    """

  /// A page by number: user, limit, offset, page.
  private static func list(_ schema: QuotedIdentifier) -> Statement {
    """
    WITH owner AS MATERIALIZED (SELECT id FROM \(schema).users WHERE "externalId" = $1)
    SELECT json_build_object(
      'sessions', (
        SELECT coalesce(json_agg(\(row) \(newestFirst)), '[]') FROM (
          SELECT \(columns) FROM \(schema).speaking_sessions
          WHERE "userId" = (SELECT id FROM owner)
          \(newestFirst) LIMIT $2::bigint OFFSET $3::bigint
        ) AS shown),
      'total', (
        SELECT count(*) FROM \(schema).speaking_sessions
        WHERE "userId" = (SELECT id FROM owner)),
      'page', $4::bigint, 'limit', $2::bigint)
    """
  }

  /// A page after a cursor: user, limit, page, and the cursor's time and id or two NULLs.
  private static func walk(_ schema: QuotedIdentifier) -> Statement {
    """
    WITH owner AS MATERIALIZED (SELECT id FROM \(schema).users WHERE "externalId" = $1),
    found AS MATERIALIZED (
      SELECT \(columns) FROM \(schema).speaking_sessions
      WHERE "userId" = (SELECT id FROM owner)
        AND ($4::bigint IS NULL
          OR ("createdAt", id)
            < (timestamp '1970-01-01' + $4::bigint * interval '1 millisecond', $5::text))
      \(newestFirst) LIMIT $2::bigint + 1
    ),
    shown AS MATERIALIZED (SELECT * FROM found \(newestFirst) LIMIT $2::bigint)
    SELECT json_build_object(
      'sessions', (SELECT coalesce(json_agg(\(row) \(newestFirst)), '[]') FROM shown),
      'total', (
        SELECT count(*) FROM \(schema).speaking_sessions
        WHERE "userId" = (SELECT id FROM owner)),
      'page', $3::bigint, 'limit', $2::bigint,
      'nextCursor', CASE WHEN (SELECT count(*) FROM found) > $2::bigint THEN (
        SELECT (extract(epoch FROM "createdAt") * 1000)::bigint
          || '-' || encode(convert_to(id, 'UTF8'), 'hex')
        FROM shown ORDER BY "createdAt", id LIMIT 1) END)
    """
  }

  /// Everything of one session: whatever columns the app's tables have by now, so they are asked
  /// for by name only where their form in JSON is not what the client expects: times.
  private static func show(_ schema: QuotedIdentifier) -> Statement {
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
