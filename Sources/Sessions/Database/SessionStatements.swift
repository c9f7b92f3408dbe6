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
  let walkFromStart: Statement
  let walk: Statement
  let filteredList: Statement
  let filteredWalkFromStart: Statement
  let filteredWalk: Statement
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
      FROM sessions_fcgi.finish_upload($1, $2, $3, $4, $5)
      """
    fail = "SELECT sessions_fcgi.fail_upload($1, $2)"
    list = SessionStatements.list(schema)
    walkFromStart = SessionStatements.walk(schema, from: .start)
    walk = SessionStatements.walk(schema, from: .cursor)
    filteredList = SessionStatements.filteredList(schema)
    filteredWalkFromStart = SessionStatements.filteredWalk(schema, from: .start)
    filteredWalk = SessionStatements.filteredWalk(schema, from: .cursor)
    show = SessionStatements.show(schema)
    find = """
      WITH owner AS (SELECT id FROM \(schema).users WHERE "externalId" = $1)
      SELECT EXISTS (SELECT FROM owner), session.id IS NOT NULL,
        CASE WHEN session."audioDeletedAt" IS NULL THEN session."audioUrl" END
      FROM (SELECT) AS one LEFT JOIN \(schema).speaking_sessions AS session
        ON session.id = $2 AND session."userId" = (SELECT id FROM owner)
      """
    // The setting, which ends with the statement, is for session_deleted(). The job is due when the
    // request has had its time to do it, and the sweeper to forget it.
    delete = """
      WITH owner AS MATERIALIZED (SELECT id FROM \(schema).users WHERE "externalId" = $1),
      gone AS (
        DELETE FROM \(schema).speaking_sessions
        WHERE id = $2 AND "userId" = (SELECT id FROM owner)
        RETURNING id, CASE WHEN "audioDeletedAt" IS NULL THEN "audioUrl" END AS key
      ),
      job AS (
        INSERT INTO sessions_fcgi.jobs (kind, "sessionId", "objectKey", "dueAt")
        SELECT 'delete', id, key,
          (statement_timestamp() AT TIME ZONE 'UTC') + interval '10 seconds'
        FROM gone WHERE octet_length(key) BETWEEN 1 AND 1024
        ON CONFLICT DO NOTHING
      )
      SELECT EXISTS (SELECT FROM owner), EXISTS (SELECT FROM gone), (SELECT key FROM gone),
        set_config('sessions_fcgi.job_is_left', 'yes', true)
      """
  }

  /// ISO 8601 in UTC with milliseconds, as JavaScript writes it.
  static func iso(_ expression: Statement) -> Statement {
    "to_char(\(expression), 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
  }
}
