// The SQL of the end of a user.

internal import Postgres

struct ErasureStatements: Sendable {
  private let schema: QuotedIdentifier
  /// The user `$1`, and whether we may delete from the table `$2`.
  let user: Statement
  /// What refers to the tables of users and sessions of the quoted schema `$1`: constraint, table,
  /// columns, table it refers to, action.
  let references: Statement
  /// The sessions of the user with the id `$1` after the id `$2`.
  let sessions: Statement
  /// Deletes the sessions `$2` of the user with the id `$1`, and leaves jobs for their recordings.
  /// What was to be told of them is not told any more. Gives those whose recording's key does not
  /// begin with `$3`.
  let deleteSessions: Statement
  /// Which of the columns with texts of a user's the table of sessions of the quoted schema `$1`
  /// has: the app may drop what nothing but its own code needs.
  let texts: Statement = """
    SELECT attname::text FROM pg_catalog.pg_attribute
    WHERE attrelid = to_regclass($1 || '.speaking_sessions') AND NOT attisdropped
      AND attname IN ('topic', 'promptUsed', 'errorMessage', 'focusNext')
    """
  let forgetUploads: Statement
  /// An upload whose process is dead is done with; whether its PUT may still land its job knows.
  let endDeadUploads: Statement
  /// The jobs of objects whose keys begin with `$1`, or of the sessions `$2`: id, whether there is
  /// something to do, and when it is due (seconds from now).
  let jobs: Statement
  /// Leaves jobs for the objects `$1`.
  let deleteObjects: Statement
  let begin: Statement = "BEGIN ISOLATION LEVEL READ COMMITTED"
  /// Until the end, nobody can make a session of the user with the id `$1`.
  let lockUser: Statement
  /// Whether there are sessions of the user with the id `$1` but `$2`, or jobs of objects whose
  /// keys begin with `$3`.
  let isSomethingNew: Statement
  let deleteUser: Statement
  let commit: Statement = "COMMIT"
  let emptyUser: Statement

  /// The webhooks of these sessions but one that is being sent: its receiver may wait for the very
  /// rows that are to be deleted. Whoever sends it removes it, at the latest with the next try.
  private static func unsent(_ ofSessions: Statement) -> Statement {
    """
    SELECT id FROM sessions_fcgi.webhooks WHERE "sessionId" \(ofSessions) FOR UPDATE SKIP LOCKED
    """
  }

  private static let utc: Statement = "(statement_timestamp() AT TIME ZONE 'UTC')"

  init(schema: QuotedIdentifier) {
    self.schema = schema
    let unsent = ErasureStatements.unsent
    let utc = ErasureStatements.utc
    user = """
      SELECT id, has_table_privilege($2, 'DELETE') FROM \(schema).users WHERE "externalId" = $1
      """
    references = """
      SELECT conname, conrelid::regclass::text,
        (SELECT string_agg(attname, ', ' ORDER BY place) FROM unnest(conkey)
          WITH ORDINALITY AS keys (number, place)
          JOIN pg_catalog.pg_attribute ON attrelid = conrelid AND attnum = number),
        confrelid = to_regclass($1 || '.users'), confdeltype::text
      FROM pg_catalog.pg_constraint
      WHERE contype = 'f' AND conparentid = 0
        AND confrelid IN (to_regclass($1 || '.users'), to_regclass($1 || '.speaking_sessions'))
        AND conrelid NOT IN (
          SELECT to_regclass($1 || '.' || name)
          FROM unnest(ARRAY['users', 'speaking_sessions', 'transcripts', 'insights']) AS name)
      ORDER BY 4 DESC, 2, 1
      """
    sessions = """
      SELECT id FROM \(schema).speaking_sessions
      WHERE "userId" = $1 AND id > $2 ORDER BY id LIMIT 100
      """
    // The setting, which ends with the statement, is for session_deleted().
    deleteSessions = """
      WITH gone AS (
        DELETE FROM \(schema).speaking_sessions WHERE "userId" = $1 AND id = ANY ($2::text[])
        RETURNING id, CASE WHEN "audioDeletedAt" IS NULL THEN "audioUrl" END AS key
      ),
      deletions AS (
        INSERT INTO sessions_fcgi.jobs (kind, "sessionId", "objectKey")
        SELECT 'delete', id, key FROM gone WHERE octet_length(key) BETWEEN 1 AND 1024
        ON CONFLICT DO NOTHING
      ),
      told AS (
        DELETE FROM sessions_fcgi.jobs
        WHERE kind NOT IN ('upload', 'delete') AND "sessionId" = ANY ($2::text[])
      ),
      sent AS (DELETE FROM sessions_fcgi.webhooks WHERE id IN (\(unsent("= ANY ($2::text[])"))))
      SELECT set_config('sessions_fcgi.job_is_left', 'yes', true),
        (SELECT count(*) FROM gone),
        (SELECT coalesce(string_agg(id, ' '), '') FROM gone WHERE NOT starts_with(key, $3))
      """
    forgetUploads = """
      WITH known AS (
        DELETE FROM sessions_fcgi.uploads WHERE "externalId" = $1 RETURNING "sessionId"
      ),
      told AS (
        DELETE FROM sessions_fcgi.jobs
        WHERE kind NOT IN ('upload', 'delete') AND "sessionId" IN (SELECT "sessionId" FROM known)
      ),
      sent AS (
        DELETE FROM sessions_fcgi.webhooks
        WHERE id IN (\(unsent("IN (SELECT \"sessionId\" FROM known)")))
      )
      SELECT count(*) FROM known
      """
    endDeadUploads = """
      UPDATE sessions_fcgi.jobs SET kind = 'delete', "dueAt" = \(utc)
      WHERE kind = 'upload' AND starts_with("objectKey", $1)
        AND "aliveAt" < \(utc) - interval '30 seconds'
      """
    jobs = """
      SELECT id, kind <> 'upload' AND ("dueAt" <= \(utc) OR attempts > 0),
        ceil(extract(epoch FROM "dueAt" - \(utc)))::bigint
      FROM sessions_fcgi.jobs
      WHERE starts_with("objectKey", $1) OR (kind = 'delete' AND "sessionId" = ANY ($2::text[]))
      ORDER BY attempts, id LIMIT 1000
      """
    deleteObjects = """
      INSERT INTO sessions_fcgi.jobs (kind, "sessionId", "objectKey")
      SELECT 'delete', split_part(key, '/', 3), key FROM unnest($1::text[]) AS key
      ON CONFLICT DO NOTHING
      """
    lockUser = "SELECT FROM \(schema).users WHERE id = $1 FOR UPDATE"
    isSomethingNew = """
      SELECT EXISTS (
          SELECT FROM \(schema).speaking_sessions
          WHERE "userId" = $1 AND id <> ALL ($2::text[]))
        OR EXISTS (SELECT FROM sessions_fcgi.jobs WHERE starts_with("objectKey", $3))
      """
    deleteUser = "DELETE FROM \(schema).users WHERE id = $1"
    emptyUser = """
      UPDATE \(schema).users SET email = NULL, "displayName" = NULL, "updatedAt" = \(utc)
      WHERE id = $1
      """
  }

  /// Takes from the session `$1` what can be taken while its row stays, with those texts.
  func emptySession(_ texts: [QuotedIdentifier]) -> Statement {
    let unsent = ErasureStatements.unsent("= $1")
    let taken = texts.reduce("" as Statement) { "\($0)\($1) = NULL, " }
    return """
      WITH deletion AS (
        INSERT INTO sessions_fcgi.jobs (kind, "sessionId", "objectKey")
        SELECT 'delete', id, "audioUrl" FROM \(schema).speaking_sessions
        WHERE id = $1 AND "audioDeletedAt" IS NULL
          AND octet_length("audioUrl") BETWEEN 1 AND 1024
        ON CONFLICT DO NOTHING
      ),
      told AS (
        DELETE FROM sessions_fcgi.jobs
        WHERE kind NOT IN ('upload', 'delete') AND "sessionId" = $1
      ),
      sent AS (DELETE FROM sessions_fcgi.webhooks WHERE id IN (\(unsent))),
      said AS (DELETE FROM \(schema).transcripts WHERE "sessionId" = $1),
      seen AS (DELETE FROM \(schema).insights WHERE "sessionId" = $1)
      UPDATE \(schema).speaking_sessions
      SET \(taken)"audioUrl" = NULL, "updatedAt" = \(ErasureStatements.utc)
      WHERE id = $1
      """
  }
}
