// The SQL of the outbox.

internal import Postgres

/// Every statement on `sessions_fcgi.jobs` that is not part of an upload.
struct OutboxStatements: Sendable {
  let start: Statement = "BEGIN"
  let end: Statement = "COMMIT"
  let claimDueDelete: Statement
  let claimDuePublish: Statement
  let claim: Statement
  let postpone: Statement
  let keep: Statement
  let giveUp: Statement
  let countStale: Statement
  /// Of a recording whose session was kept: it says so from now on.
  let removeExpired: Statement
  let expire: Statement = """
    SELECT due, is_at_end FROM sessions_fcgi.expire_recordings($1, $2::text[], $3, $4)
    """
  let countExpired: Statement

  /// By kind: how many jobs have failed for over an hour, the hours that the oldest is there, and
  /// what the last of their failures was.
  let lastingFailures: Statement = """
    SELECT kind, count(*),
      (extract(epoch FROM \(utc) - min("createdAt")) / 3600)::bigint,
      coalesce((array_agg("lastError" ORDER BY attempts DESC, id))[1], '')
    FROM sessions_fcgi.jobs
    WHERE attempts > 0 AND "createdAt" < \(utc) - interval '1 hour'
    GROUP BY kind ORDER BY kind
    """

  let remove: Statement = "DELETE FROM sessions_fcgi.jobs WHERE id = $1"

  /// Those that failed come last, so that they cannot keep the others from their turn.
  let all: Statement = """
    SELECT id, kind FROM sessions_fcgi.jobs ORDER BY attempts, "createdAt", id
    """

  let forget: Statement = """
    DELETE FROM sessions_fcgi.uploads AS upload
    WHERE "startedAt" < \(utc) - interval '24 hours'
      AND NOT EXISTS (
        SELECT FROM sessions_fcgi.jobs
        WHERE kind = 'upload' AND "sessionId" = upload."sessionId")
    """

  /// The time at which the statement began. One that moves on while it runs, as clock_timestamp()
  /// does, could be looked up in no index.
  private static let utc: Statement = "(statement_timestamp() AT TIME ZONE 'UTC')"

  /// Whether the PUT of this key may still land: it was under way less than the timeout ago. What
  /// is compared is the age at this moment with the timeout of whoever asks. And the status of the
  /// session, if it still has this recording.
  private static func claimed(_ schema: QuotedIdentifier) -> Statement {
    """
    SELECT id, kind, "sessionId", "objectKey", attempts,
      "aliveAt" IS NOT NULL AND "aliveAt" > \(utc) - $1::bigint * interval '1 second',
      (SELECT status::text FROM \(schema).speaking_sessions AS session
        WHERE session.id = job."sessionId" AND session."audioUrl" = job."objectKey"
          AND session."audioDeletedAt" IS NULL)
    FROM sessions_fcgi.jobs AS job
    """
  }

  init(schema: QuotedIdentifier) {
    let utc = OutboxStatements.utc
    let claimed = OutboxStatements.claimed(schema)
    // Each kind has an index of its own, so its name is part of the statement.
    func claimDue(_ kind: Statement) -> Statement {
      """
      \(claimed)
      WHERE kind = '\(kind)' AND "dueAt" <= \(utc)
      ORDER BY "dueAt" LIMIT 1 FOR UPDATE OF job SKIP LOCKED
      """
    }
    claimDueDelete = claimDue("delete")
    claimDuePublish = claimDue("publish")
    claim = """
      \(claimed)
      WHERE kind <> 'upload' AND id = $2 FOR UPDATE OF job SKIP LOCKED
      """
    removeExpired = """
      WITH expired AS (
        UPDATE \(schema).speaking_sessions SET "audioDeletedAt" = \(utc), "updatedAt" = \(utc)
        WHERE id = $2 AND "audioUrl" = $3 AND "audioDeletedAt" IS NULL
      )
      DELETE FROM sessions_fcgi.jobs WHERE id = $1
      """
    countExpired = """
      SELECT count(*) FROM \(schema).speaking_sessions
      WHERE "createdAt" < \(utc) - $1::integer * interval '1 day' AND "audioDeletedAt" IS NULL
        AND octet_length("audioUrl") BETWEEN 1 AND 1024 AND status::text = ANY ($2::text[])
      """
    // From 5 s to an hour, and never two jobs in step.
    postpone = """
      UPDATE sessions_fcgi.jobs SET attempts = least(attempts, 1000000) + 1, "lastError" = $2,
        "dueAt" = \(utc)
          + least(3600, 5 * power(2, least(greatest(attempts, 0), 20)))
            * (0.5 + random()) * interval '1 second'
      WHERE id = $1
      """
    keep = """
      UPDATE sessions_fcgi.jobs SET attempts = 0, "lastError" = NULL,
        "dueAt" = "aliveAt" + $2::bigint * interval '1 second'
      WHERE id = $1
      """
    let stale: Statement = """
      kind = 'upload' AND "createdAt" < \(utc) - $1::bigint * interval '1 second'
      """
    countStale = "SELECT count(*) FROM sessions_fcgi.jobs WHERE \(stale)"
    giveUp = """
      WITH old AS (
        SELECT id FROM sessions_fcgi.jobs
        WHERE \(stale)
        FOR UPDATE SKIP LOCKED
      ),
      turned AS (
        UPDATE sessions_fcgi.jobs SET kind = 'delete', "dueAt" = \(utc)
        WHERE id IN (SELECT id FROM old) AND kind = 'upload' RETURNING "sessionId"
      ),
      failed AS (
        UPDATE \(schema).speaking_sessions
        SET status = 'FAILED', "errorMessage" = 'The upload did not finish', "updatedAt" = \(utc)
        WHERE id IN (SELECT "sessionId" FROM turned) AND status = 'CREATED'
      )
      SELECT count(*) FROM turned
      """
  }
}
