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
  /// The jobs after `$2` whose objects' keys begin with `$1`.
  let jobs: Statement
  /// Which keys of `$2` are those of recordings of the user with the id `$1`.
  let recordings: Statement
  /// Whether the session `$2` of the user with the id `$1` still has the recording `$3`.
  let isKept: Statement

  init(schema: QuotedIdentifier) {
    func row(_ alias: Statement) -> Statement {
      SessionStatements.object(of: SessionStatements.columns(of: alias))
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
      WHERE starts_with(j."objectKey", $1) AND j.id > $2::bigint ORDER BY j.id LIMIT 100
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
