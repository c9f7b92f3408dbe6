// The SQL of the outbox.

internal import Postgres

/// Every statement on `sessions_fcgi.jobs` and `sessions_fcgi.webhooks` that is not part of an
/// upload.
struct OutboxStatements: Sendable {
  /// While the job is done the transaction is idle. Where the role or the database allow less than
  /// that takes, it would be done again and again.
  let start: Statement = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '60s'"
  let end: Statement = "COMMIT"
  let dueDelete: Choice
  let duePublish: Choice
  let named: Choice
  let dueWebhook: Choice
  let namedWebhook: Choice
  let ofJobs = Table("sessions_fcgi.jobs")
  let ofWebhooks = Table("sessions_fcgi.webhooks")
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
    FROM \(waiting)
    WHERE attempts > 0 AND "createdAt" < \(utc) - interval '1 hour'
    GROUP BY kind ORDER BY kind
    """

  /// A job whose upload was cut off is not removed by one deletion, and one that is in other hands
  /// is not waited for.
  let forgetDeletions: Statement = """
    DELETE FROM sessions_fcgi.jobs WHERE id IN (
      SELECT id FROM sessions_fcgi.jobs
      WHERE kind = 'delete' AND "objectKey" = ANY ($1) AND "aliveAt" IS NULL
      FOR UPDATE SKIP LOCKED)
    """

  /// Those that failed come last, so that they cannot keep the others from their turn.
  let all: Statement = """
    SELECT id, kind FROM \(waiting) ORDER BY attempts, "createdAt", id
    """

  /// What webhooks are called where jobs have their kind.
  static let webhook = "webhook"

  /// All that is to be done.
  private static let waiting: Statement = """
    (SELECT kind, id, attempts, "lastError", "createdAt" FROM sessions_fcgi.jobs
      UNION ALL
      SELECT 'webhook', id, attempts, "lastError", "createdAt" FROM sessions_fcgi.webhooks)
    AS waiting
    """

  /// What becomes of a row of one of the tables.
  struct Table: Sendable {
    let remove: Statement
    let postpone: Statement
    private let name: Statement

    init(_ name: Statement) {
      self.name = name
      remove = "DELETE FROM \(name) WHERE id = $1"
      postpone = Table.postpone(name, "$2")
    }

    /// The first row that is due; `condition` is that of an index.
    func due(_ claimed: Statement, _ condition: Statement = "true") -> Choice {
      let first: Statement = """
        WHERE \(condition) AND "dueAt" <= \(OutboxStatements.utc)
        ORDER BY "dueAt" LIMIT 1 FOR UPDATE OF job SKIP LOCKED
        """
      return Choice(
        claim: "\(claimed) \(first)",
        postpone: Table.postpone(name, "(SELECT id FROM \(name) AS job \(first))"))
    }

    /// From 5 s to an hour, and never two jobs in step.
    private static func postpone(_ name: Statement, _ id: Statement) -> Statement {
      """
      UPDATE \(name) SET attempts = least(attempts, 1000000) + 1, "lastError" = $1,
        "dueAt" = \(OutboxStatements.utc)
          + least(3600, 5 * power(2, least(greatest(attempts, 0), 20)))
            * (0.5 + random()) * interval '1 second'
      WHERE id = \(id) RETURNING id, "sessionId", attempts::integer
      """
    }
  }

  /// Which row it is to be.
  struct Choice: Sendable {
    let claim: Statement
    /// For one of which the claim or the end fails: none of the app's tables has a part in it.
    let postpone: Statement
  }

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
    dueDelete = ofJobs.due(claimed, "kind = 'delete'")
    duePublish = ofJobs.due(claimed, "kind = 'publish'")
    named = Choice(
      claim: "\(claimed) WHERE kind <> 'upload' AND id = $2 FOR UPDATE OF job SKIP LOCKED",
      postpone: ofJobs.postpone)
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
    // EXISTS might be answered by a table of all sessions.
    let webhook: Statement = """
      SELECT id, 'webhook', "sessionId", NULL, attempts, false, NULL,
        \(SessionStatements.iso("\"createdAt\"")), traceparent,
        (SELECT true FROM \(schema).speaking_sessions WHERE id = job."sessionId") IS NOT NULL
      FROM sessions_fcgi.webhooks AS job
      """
    dueWebhook = ofWebhooks.due(webhook)
    namedWebhook = Choice(
      claim: "\(webhook) WHERE id = $1 FOR UPDATE OF job SKIP LOCKED",
      postpone: ofWebhooks.postpone)
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
