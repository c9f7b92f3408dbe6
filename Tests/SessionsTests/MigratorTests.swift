// Bringing databases up to date: new ones, old ones, and those that must be left alone.

import FoundationEssentials
import POSIX
import Postgres
import R2
import Synchronization
import TestSupport
import Testing

@testable import Sessions

private func soon() -> Deadline { .after(.seconds(30)) }

/// A database of a test's own.
private struct TestDatabase: ~Copyable, Sendable {
  let pool: ConnectionPool
  let schema: QuotedIdentifier
  private let name: QuotedIdentifier
  private let server: ConnectionPool
  private let url: DatabaseURL

  private static let count = Mutex(0)

  init(schema: String = "public") throws {
    let postgres = try TemporaryPostgres.shared()
    let server = ConnectionPool(
      try DatabaseURL(postgres.url(), for: .linked()), .init(size: 1, wait: nil))
    let number = TestDatabase.count.withLock { count in
      count += 1
      return count
    }
    let text = "migrator_\(number)"
    let name = try #require(QuotedIdentifier(text))
    let identifier = try #require(QuotedIdentifier(schema))
    let url = try DatabaseURL(postgres.url(database: text), for: .linked())
    try server.execute("CREATE DATABASE \(name)", until: soon())
    self.server = server
    self.name = name
    self.schema = identifier
    self.url = url
    pool = ConnectionPool(url, .init(size: 6, wait: nil))
  }

  deinit {
    // The server ends with the tests, and all databases with it.
    _ = try? server.execute("DROP DATABASE \(name) WITH (FORCE)", until: soon())
  }

  var migrator: Migrator { Migrator(pool: pool, schema: schema) }
  var check: SchemaCheck { SchemaCheck(pool: pool, schema: schema) }
  var store: PostgresSessionStore { PostgresSessionStore(pool: pool, schema: schema) }

  func migrate() throws(SchemaError) { try migrator.migrate(until: soon()) }

  func states() throws(SchemaError) -> [MigrationStatus.State] {
    try migrator.status(until: soon()).map(\.state)
  }

  func execute(_ statement: Statement) throws { try pool.execute(statement, until: soon()) }

  func value(_ statement: Statement) throws -> String? {
    try pool.execute(statement, until: soon()).optionalText(0, 0)
  }

  /// What the first version left, of which `pg_dump` made a script.
  func loadFirstVersion() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Dumps/first-version.dump")
    let script = Statement(embedded: Array(try Data(contentsOf: file)))
    // The script empties the search path of its session.
    let once = ConnectionPool(url, .init(size: 1, wait: nil))
    try once.withConnection(until: soon()) { (connection) throws(PostgresError) in
      try connection.executeScript(script, until: soon())
    }
  }

  func begin(_ id: String, key: String? = nil) throws -> UploadBeginning {
    let identity = try Identity(variables([("REMOTE_USER", "demo")]))
    let upload = Upload(
      recording: try TemporaryRecordingWriter(in: "/tmp").finish(), contentType: "audio/webm",
      subtype: "webm", durationSeconds: 5, topic: "Birds", language: "en")
    return try store.begin(
      id, of: identity, newUserID: "user-\(id)", upload, key.map { IdempotencyKey(text: $0) },
      UploadLimits(inFlight: 5, perHour: 50), until: soon())
  }

  /// An upload from its beginning to the session's deletion, by everyone's part in it.
  func expectAWholeLife(_ id: String) throws {
    guard case .begun(let text) = try begin(id), let key = ObjectKey(text) else {
      Issue.record("an upload does not begin")
      return
    }
    guard case .uploaded = try store.finish(id, key, publishes: true, until: soon()) else {
      Issue.record("an upload does not end")
      return
    }
    let identity = try Identity(variables([("REMOTE_USER", "demo")]))
    #expect(try store.find(id, of: identity, until: soon()) == .session(audioKey: text))
    let list = try store.list(
      of: identity, Page(Query(bytes("limit=100"))), until: soon())
    #expect(String(decoding: list, as: UTF8.self).contains("\"\(id)\""))
    let jobs: Statement = """
      SELECT string_agg(kind || ' ' || coalesce("objectKey", '-'), ', ' ORDER BY kind)
      FROM sessions_fcgi.jobs WHERE "sessionId" = $1
      """
    func jobsLeft() throws -> String? {
      try pool.execute(jobs, [.text(id)], until: soon()).optionalText(0, 0)
    }
    #expect(try jobsLeft() == "publish -")
    // As the app would, by itself.
    try pool.execute(
      "DELETE FROM \(schema).speaking_sessions WHERE id = $1", [.text(id)], until: soon())
    #expect(try jobsLeft() == "delete \(text), publish -")
    _ = try begin("failed-\(id)")
    try store.fail("failed-\(id)", message: "no", until: soon())
    #expect(
      try pool.execute(
        "SELECT status::text FROM \(schema).speaking_sessions WHERE id = $1",
        [.text("failed-\(id)")], until: soon()
      ).text(0, 0) == "FAILED")
  }
}

private func refusal(_ work: () throws(SchemaError) -> Void) -> String? {
  do {
    try work()
    return nil
  } catch {
    return "\(error)"
  }
}

private let latest = Migrator.latestVersion

@Suite struct `The migrations` {
  @Test func `are the files, by their numbers`() throws {
    let directory = URL(filePath: #filePath)
      .appending(path: "../../../Sources/Sessions/Schema/Migrations").standardized
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
    #expect(Migration.all.map(\.version) == Array(1...names.count))
    let expected = Migration.all.map { migration in
      let number = String(migration.version)
      return String(repeating: "0", count: 4 - number.count) + "\(number)_\(migration.name).sql"
    }
    #expect(names == expected)
    for (migration, name) in zip(Migration.all, names) {
      let text = try Data(contentsOf: directory.appending(path: name))
      #expect(migration.script.text == String(decoding: text, as: UTF8.self))
    }
  }
}

@Suite struct `Migrating a new database` {
  @Test(arguments: [
    "public", "Other", "with space", "a$app$b\"c'd", "ünïcode", "$$", "\\", "select", "a.b", "a,b",
    "temporary'", String(repeating: "x", count: 63),
  ])
  func `makes what an upload needs, whatever the schema is called`(schema: String) throws {
    let database = try TestDatabase(schema: schema)
    try database.migrate()
    try database.check.requireSchema()
    try database.check.requireRights()
    #expect(try database.check.hasTrigger())
    try database.expectAWholeLife("s1")
  }

  @Test func `may be repeated, and changes nothing then`() throws {
    let database = try TestDatabase()
    #expect(try database.states() == Array(repeating: .pending, count: latest))
    try database.migrate()
    let first = try database.states()
    for state in first {
      guard case .applied = state else {
        Issue.record("\(state)")
        continue
      }
    }
    let ids: Statement = "SELECT string_agg(oid::text, ' ' ORDER BY oid) FROM pg_proc"
    let before = try database.value(ids)
    try database.migrate()
    #expect(try database.states() == first)
    #expect(try database.value(ids) == before)
  }

  @Test func `at once with others makes it once`() throws {
    let database = try TestDatabase()
    let failures = Mutex<[String]>([])
    var threads = try ThreadGroup()
    let migrator = database.migrator
    for _ in 0..<4 {
      try threads.start(name: "migrate") {
        if let failure = refusal({ () throws(SchemaError) in try migrator.migrate(until: soon()) })
        {
          failures.withLock { $0.append(failure) }
        }
      }
    }
    threads.join()
    #expect(failures.withLock { $0 } == [])
    try database.expectAWholeLife("s1")
  }

  @Test func `leaves nothing when a migration fails`() throws {
    let database = try TestDatabase()
    try database.execute("CREATE SCHEMA sessions_fcgi")
    // The later migration cannot change what a function returns.
    try database.execute(
      """
      CREATE FUNCTION sessions_fcgi.fail_upload(p_session_id text, p_message text)
      RETURNS integer LANGUAGE sql AS 'SELECT 1'
      """)
    let failure = refusal { () throws(SchemaError) in try database.migrate() }
    #expect(failure?.hasPrefix("migration 7 (fail_upload): ") == true)
    #expect(try database.value("SELECT to_regclass('sessions_fcgi.jobs')::text") == nil)
    #expect(try database.value("SELECT to_regclass('users')::text") == nil)
    #expect(try database.states() == Array(repeating: .pending, count: latest))
  }

  /// `$user` in a search path is the role's own schema, in quotes as well.
  @Test func `is refused where the name of the schema means another one`() throws {
    let database = try TestDatabase(schema: "$user")
    let failure = refusal { () throws(SchemaError) in try database.migrate() }
    #expect(failure?.hasPrefix(#"the schema "$user" cannot be worked in"#) == true)
    #expect(try database.states() == Array(repeating: .pending, count: latest))
  }

  @Test func `makes the missing tables only where all are missing`() throws {
    let database = try TestDatabase()
    try database.execute("CREATE TABLE users (id text)")
    // The trigger has no table to stand on.
    #expect(refusal { () throws(SchemaError) in try database.migrate() } != nil)
    #expect(try database.value("SELECT to_regclass('speaking_sessions')::text") == nil)
  }
}

@Suite struct `Migrating a database of the first version` {
  @Test func `keeps what is in it, and goes on from there`() throws {
    let database = try TestDatabase()
    try database.loadFirstVersion()
    #expect(try database.states() == Array(repeating: .pending, count: latest))
    let older = refusal { () throws(SchemaError) in try database.check.requireSchema() }
    #expect(older?.contains("has version 1 of our schema") == true)
    let rows: Statement = """
      SELECT (SELECT jsonb_agg(s ORDER BY id) FROM speaking_sessions s)::text
        || (SELECT jsonb_agg(u ORDER BY id) FROM users u)::text
        || (SELECT jsonb_agg(t) FROM transcripts t)::text
        || (SELECT jsonb_agg(i) FROM insights i)::text
        || (SELECT jsonb_agg(j ORDER BY id) FROM sessions_fcgi.jobs j)::text
        || (SELECT jsonb_agg(u ORDER BY "sessionId") FROM sessions_fcgi.uploads u)::text
      """
    let before = try #require(try database.value(rows))
    try database.migrate()
    #expect(try database.value(rows) == before)
    try database.check.requireSchema()
    for state in try database.states() {
      guard case .applied = state else {
        Issue.record("\(state)")
        continue
      }
    }
    try database.expectAWholeLife("new")
  }

  @Test func `is not held up by a job that somebody works on`() throws {
    let database = try TestDatabase()
    try database.loadFirstVersion()
    let migrator = database.migrator
    try database.pool.withConnection(until: soon()) { (connection) throws(PostgresError) in
      _ = try connection.execute("BEGIN", until: soon())
      _ = try connection.execute(
        "SELECT FROM sessions_fcgi.jobs FOR UPDATE SKIP LOCKED", until: soon())
      let failure = refusal { () throws(SchemaError) in try migrator.migrate(until: soon()) }
      #expect(failure == nil)
    }
  }

  /// What that version sends, word for word.
  @Test func `leaves its program running`() throws {
    let database = try TestDatabase()
    try database.loadFirstVersion()
    try database.migrate()
    let installed = try database.pool.execute(
      """
      SELECT max(version), bool_and("appSchema" = $app$"public"$app$)
      FROM sessions_fcgi.schema_version
      """, until: soon())
    #expect(try installed.int(0, 0) >= 1)
    #expect(try installed.bool(0, 1))
    let begun = try database.pool.execute(
      """
      SELECT outcome, session_id, object_key,
        to_char(created_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), retry_after
      FROM sessions_fcgi.begin_upload($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
      """,
      [
        .text("other"), .text("u7"), .null, .null, .text("s7"), .text("webm"), .integer(5),
        .text("en"), .null, .null, .null, .integer(3), .integer(30),
      ], until: soon())
    #expect(try begun.text(0, 0) == "begun")
    let finished = try database.pool.execute(
      """
      SELECT outcome, to_char(created_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
      FROM sessions_fcgi.finish_upload($1, $2, $3)
      """, [.text("s7"), .text(try begun.text(0, 2)), .boolean(false)], until: soon())
    #expect(try finished.text(0, 0) == "uploaded")
    try database.pool.execute(
      "SELECT sessions_fcgi.fail_upload($1, $2)", [.text("s2"), .text("no")], until: soon())
    #expect(
      try database.value("SELECT status::text FROM speaking_sessions WHERE id = 's2'") == "FAILED")
  }
}

@Suite struct `Migrating is refused` {
  @Test func `where the text of a migration is another one`() throws {
    let database = try TestDatabase()
    try database.migrate()
    try database.execute(
      "UPDATE sessions_fcgi.schema_version SET checksum = 'other' WHERE version = 3")
    let failure = refusal { () throws(SchemaError) in try database.migrate() }
    #expect(failure?.hasPrefix("migration 3 (get_or_make_user) was applied") == true)
    #expect(try database.states()[2] == .changed)
    // What runs goes on running.
    try database.check.requireSchema()
  }

  @Test func `where the database is newer, on which the program runs all the same`() throws {
    let database = try TestDatabase()
    try database.migrate()
    try database.execute(
      """
      INSERT INTO sessions_fcgi.schema_version (version, name, checksum, "appSchema")
      VALUES (99, 'later', 'x', '"public"')
      """)
    let failure = refusal { () throws(SchemaError) in try database.migrate() }
    #expect(failure?.contains("has version 99") == true)
    let last = try database.migrator.status(until: soon()).last
    #expect(last == MigrationStatus(version: 99, name: "later", state: .unknown))
    try database.check.requireSchema()
    try database.expectAWholeLife("s1")
  }

  @Test func `for a second app, and so is uninstalling`() throws {
    let database = try TestDatabase()
    try database.migrate()
    let schema = try #require(QuotedIdentifier("staging"))
    let other = Migrator(pool: database.pool, schema: schema)
    for failure in [
      refusal { () throws(SchemaError) in try other.migrate(until: soon()) },
      refusal { () throws(SchemaError) in try other.uninstall(until: soon()) },
    ] {
      #expect(failure == #"sessions_fcgi in this database serves the schema "public" already"#)
    }
    #expect(try database.value("SELECT to_regnamespace('staging')::text") == nil)
    try database.expectAWholeLife("s1")
  }
}

@Suite struct `Repairing and removing` {
  @Test func `a trigger that was dropped is made again`() throws {
    let database = try TestDatabase()
    try database.migrate()
    try database.execute("DROP TRIGGER sessions_fcgi_deleted ON speaking_sessions")
    #expect(try !database.check.hasTrigger())
    try database.migrate()
    #expect(try database.check.hasTrigger())
  }

  @Test func `the app's tables may be dropped and made again`() throws {
    let database = try TestDatabase()
    try database.migrate()
    try database.execute("DROP SCHEMA public CASCADE")
    #expect(
      refusal { () throws(SchemaError) in try database.check.requireSchema() }?
        .contains("incomplete") == true)
    try database.migrate()
    try database.expectAWholeLife("s1")
  }

  @Test func `uninstalling leaves the app its tables`() throws {
    let database = try TestDatabase()
    try database.migrate()
    _ = try database.begin("s1")
    for _ in 0..<2 { try database.migrator.uninstall(until: soon()) }
    #expect(try database.value("SELECT to_regnamespace('sessions_fcgi')::text") == nil)
    try database.execute("DELETE FROM speaking_sessions")
    #expect(try database.states() == Array(repeating: .pending, count: latest))
    try database.migrate()
    try database.expectAWholeLife("s2")
  }
}
