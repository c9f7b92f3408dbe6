// The SQL of what is kept of a user.

internal import Postgres

/// Pages of 100 rows, each of which begins after the first column of the last row before.
struct ExportStatements: Sendable {
  /// The time (seconds since 1970), and the user `$1`: id and row.
  let user: Statement
  /// The sessions of the user with the id `$1` after the id `$2`: id, and its recording's key.
  let sessions: Statement
  /// One of them with all that belongs to it, as its page shows it.
  let session: Statement
  /// What is remembered of the uploads of `$1` after that of the session `$2`.
  let uploads: Statement
  /// The jobs after `$4` that are for an upload of `$2` or a session of the user with the id `$1`,
  /// or whose objects' keys begin with `$3`.
  let jobs: Statement
  /// What is to be told after `$3` of the same uploads and sessions.
  let webhooks: Statement
  /// Which keys of `$2` are those of recordings of the user with the id `$1`.
  let recordings: Statement
  /// Whether the session `$2` of the user with the id `$1` still has the recording `$3`.
  let isKept: Statement

  init(schema: QuotedIdentifier) {
    func row(_ alias: Statement) -> Statement {
      SessionStatements.object(of: SessionStatements.columns(of: alias))
    }
    // The session itself may be gone, or have never been more than an upload.
    func isTheirs(_ alias: Statement) -> Statement {
      """
      EXISTS (
        SELECT FROM \(schema).speaking_sessions AS s
        WHERE s.id = \(alias)."sessionId" AND s."userId" = $1)
      OR EXISTS (
        SELECT FROM sessions_fcgi.uploads AS u
        WHERE u."sessionId" = \(alias)."sessionId" AND u."externalId" = $2)
      """
    }
    user = """
      SELECT extract(epoch FROM clock_timestamp())::bigint, u.id, \(row("u"))
      FROM \(schema).users AS u WHERE u."externalId" = $1
      """
    sessions = """
      SELECT id, CASE WHEN "audioDeletedAt" IS NULL THEN "audioUrl" END
      FROM \(schema).speaking_sessions
      WHERE "userId" = $1 AND id > $2 ORDER BY id LIMIT 100
      """
    session = SessionStatements.show(schema)
    uploads = """
      SELECT u."sessionId", \(row("u")) FROM sessions_fcgi.uploads AS u
      WHERE u."externalId" = $1 AND u."sessionId" > $2 ORDER BY u."sessionId" LIMIT 100
      """
    jobs = """
      SELECT j.id, \(row("j")) FROM sessions_fcgi.jobs AS j
      WHERE (starts_with(j."objectKey", $3) OR \(isTheirs("j"))) AND j.id > $4::bigint
      ORDER BY j.id LIMIT 100
      """
    webhooks = """
      SELECT w.id, \(row("w")) FROM sessions_fcgi.webhooks AS w
      WHERE (\(isTheirs("w"))) AND w.id > $3::bigint ORDER BY w.id LIMIT 100
      """
    recordings = """
      SELECT "audioUrl" FROM \(schema).speaking_sessions
      WHERE "userId" = $1 AND "audioUrl" = ANY ($2::text[]) AND "audioDeletedAt" IS NULL
      """
    isKept = """
      SELECT EXISTS (
        SELECT FROM \(schema).speaking_sessions
        WHERE "userId" = $1 AND id = $2 AND "audioUrl" = $3 AND "audioDeletedAt" IS NULL)
      """
  }
}
