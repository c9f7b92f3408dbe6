// Our trigger on the app's table: it serves that table alone, and never stands in the app's way.

import POSIX
import Postgres
import Testing

@testable import Sessions

@Suite struct `The trigger on the app's table` {
  private func database() throws -> TestDatabase {
    let database = try TestDatabase()
    try database.migrate()
    try database.execute(
      "INSERT INTO users (id, \"externalId\", \"updatedAt\") VALUES ('u', 'demo', now())")
    try database.execute(
      """
      INSERT INTO speaking_sessions (id, "userId", status, "audioUrl", "updatedAt")
      VALUES ('s1', 'u', 'UPLOADED', 'sessions/u/s1/audio.webm', now())
      """)
    return database
  }

  private static let jobs: Statement = """
    SELECT string_agg("objectKey", ' ' ORDER BY id) FROM sessions_fcgi.jobs
    """

  /// What the app's tables may become, whether a deletion still leaves its job, and what `check`
  /// says.
  static let changes: [(Statement, leavesJob: Bool, String?)] = [
    (
      "ALTER TABLE speaking_sessions RENAME \"audioUrl\" TO \"audioKey\"", false,
      "speaking_sessions.audioUrl"
    ),
    ("ALTER TABLE speaking_sessions DROP \"audioUrl\"", false, "speaking_sessions.audioUrl"),
    (
      "ALTER TABLE speaking_sessions DROP \"audioDeletedAt\"", true,
      "speaking_sessions.audioDeletedAt"
    ),
    (
      "ALTER TABLE speaking_sessions RENAME \"audioDeletedAt\" TO gone", true,
      "speaking_sessions.audioDeletedAt"
    ),
    ("ALTER TABLE speaking_sessions RENAME id TO \"sessionId\"", true, "speaking_sessions.id"),
    ("ALTER TABLE speaking_sessions ALTER \"audioUrl\" TYPE varchar(500)", true, nil),
    (
      "ALTER TABLE speaking_sessions ALTER \"audioUrl\" TYPE jsonb USING '{}'::jsonb", true, nil
    ),
    ("ALTER TABLE speaking_sessions ADD extra text", true, nil),
    (
      """
      ALTER TABLE users ADD tenant text NOT NULL DEFAULT 'x';
      ALTER TABLE users ALTER tenant DROP DEFAULT
      """, true,
      "users.tenant"
    ),
    ("ALTER TABLE sessions_fcgi.jobs RENAME \"objectKey\" TO key", false, nil),
    ("DROP TABLE sessions_fcgi.jobs", false, nil),
    ("DROP TABLE sessions_fcgi.schema_version", false, nil),
    ("ALTER TABLE sessions_fcgi.jobs ADD CHECK (kind <> 'delete')", false, nil),
    ("ALTER TABLE speaking_sessions RENAME TO recordings", false, nil),
  ]

  @Test(arguments: changes.indices)
  func `lets the app delete, whatever has changed`(index: Int) throws {
    let (change, leavesJob, complaint) = Self.changes[index]
    let database = try database()
    try database.pool.withConnection(until: soon()) { (connection) throws(PostgresError) in
      try connection.executeScript(change, until: soon())
    }
    if let complaint {
      let told = refusal { () throws(SchemaError) in try database.check.requireColumns() }
      #expect(told?.hasSuffix(": \(complaint)") == true)
    }
    // By the cascade, as its own statement and the app's.
    let deleted = try database.pool.execute("DELETE FROM users RETURNING id", until: soon())
    #expect(deleted.rowCount == 1)
    if leavesJob { #expect(try database.value(Self.jobs) != nil) }
  }

  @Test func `leaves the job of our own deletion to that`() throws {
    let database = try database()
    // An error in it would be forgiven, so what it does is written down.
    try database.execute("CREATE TABLE tried (depth integer)")
    try database.execute(
      """
      CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $f$
      BEGIN
        INSERT INTO public.tried VALUES (pg_trigger_depth());
        RETURN NEW;
      END $f$
      """)
    try database.execute(
      """
      CREATE TRIGGER note BEFORE INSERT ON sessions_fcgi.jobs
        FOR EACH ROW EXECUTE FUNCTION note()
      """)
    let identity = try Identity(variables([("REMOTE_USER", "demo")]))
    let key = "sessions/u/s1/audio.webm"
    let deleted = try database.store.delete("s1", of: identity, until: soon())
    #expect(deleted == .session(audioKey: key))
    #expect(try database.value(Self.jobs) == key)
    #expect(try database.value("SELECT string_agg(depth::text, ' ') FROM tried") == "1")
  }

  @Test func `leaves the job of the app's deletion after one of ours`() throws {
    let database = try database()
    try database.execute(
      """
      INSERT INTO speaking_sessions (id, "userId", status, "audioUrl", "updatedAt")
      VALUES ('s2', 'u', 'UPLOADED', 'sessions/u/s2/audio.webm', now())
      """)
    let identity = try Identity(variables([("REMOTE_USER", "demo")]))
    _ = try database.store.delete("s1", of: identity, until: soon())
    // The pool lends the connection that was used last.
    try database.execute("DELETE FROM speaking_sessions WHERE id = 's2'")
    #expect(
      try database.value(Self.jobs) == "sessions/u/s1/audio.webm sessions/u/s2/audio.webm")
  }

  @Test func `fits the tables that migrate makes`() throws {
    let database = try database()
    try database.check.requireColumns()
  }

  @Test func `is not to be executed for another table`() throws {
    let database = try database()
    try database.execute("CREATE ROLE stranger LOGIN")
    try database.execute("GRANT USAGE ON SCHEMA sessions_fcgi TO stranger")
    try database.execute("CREATE SCHEMA other AUTHORIZATION stranger")
    let error = #expect(throws: PostgresError.self) {
      try database.pool.withConnection(until: soon()) { (connection) throws(PostgresError) in
        try connection.executeScript(
          """
          BEGIN; SET LOCAL ROLE stranger;
          CREATE TABLE other.speaking_sessions (id text, "audioUrl" text);
          CREATE TRIGGER theirs AFTER DELETE ON other.speaking_sessions
            FOR EACH ROW EXECUTE FUNCTION sessions_fcgi.session_deleted(); COMMIT
          """, until: soon())
      }
    }
    #expect(error?.state == .insufficientPrivilege)
  }

  /// As one that was made while everybody might.
  @Test(arguments: ["AFTER DELETE", "BEFORE DELETE", "AFTER INSERT", "AFTER UPDATE"])
  func `does nothing as the trigger of another table`(when: String) throws {
    let database = try database()
    let event: Statement =
      switch when {
      case "AFTER DELETE": "AFTER DELETE"
      case "BEFORE DELETE": "BEFORE DELETE"
      case "AFTER INSERT": "AFTER INSERT"
      default: "AFTER UPDATE"
      }
    try database.pool.withConnection(until: soon()) { (connection) throws(PostgresError) in
      try connection.executeScript(
        """
        CREATE SCHEMA other; CREATE TABLE other.speaking_sessions (id text, "audioUrl" text);
        CREATE TRIGGER theirs \(event) ON other.speaking_sessions
          FOR EACH ROW EXECUTE FUNCTION sessions_fcgi.session_deleted();
        INSERT INTO other.speaking_sessions VALUES ('s1', 'sessions/u/s1/audio.webm');
        UPDATE other.speaking_sessions SET id = 's2';
        DELETE FROM other.speaking_sessions
        """, until: soon())
    }
    #expect(try database.value(Self.jobs) == nil)
  }

  @Test func `leaves no job for what is deleted already, or is no key`() throws {
    let database = try database()
    try database.execute("UPDATE speaking_sessions SET \"audioDeletedAt\" = now()")
    try database.execute(
      """
      INSERT INTO speaking_sessions (id, "userId", "audioUrl", "updatedAt")
      VALUES ('s2', 'u', '', now()), ('s3', 'u', repeat('x', 1025), now()),
        ('s4', 'u', NULL, now()), ('s5', 'u', repeat('x', 1024), now())
      """)
    try database.execute("DELETE FROM speaking_sessions")
    let left: Statement = "SELECT string_agg(\"sessionId\", ' ') FROM sessions_fcgi.jobs"
    #expect(try database.value(left) == "s5")
  }

  @Test func `of the first version is replaced by one without conditions`() throws {
    let database = try TestDatabase()
    try database.loadFirstVersion()
    try database.migrate()
    #expect(
      try database.value(
        """
        SELECT count(*)::text FROM pg_trigger
        WHERE tgname = 'sessions_fcgi_deleted' AND tgqual IS NULL
        """) == "1")
  }
}
