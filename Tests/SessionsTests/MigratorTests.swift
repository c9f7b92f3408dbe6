// Bringing databases up to date: new ones, and those that must be left alone.

import FoundationEssentials
import POSIX
import Postgres
import Synchronization
import Testing

@testable import Sessions

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
    let failure = refusal { () throws(SchemaError) in try database.migrate() }
    #expect(
      failure?.contains("incomplete (missing: insights, speaking_sessions, transcripts)") == true)
    #expect(try database.value("SELECT to_regclass('speaking_sessions')::text") == nil)
    #expect(try database.states() == Array(repeating: .pending, count: latest))
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

  @Test func `for a second app, and so are status and uninstalling`() throws {
    let database = try TestDatabase()
    try database.migrate()
    let schema = try #require(QuotedIdentifier("staging"))
    let other = Migrator(pool: database.pool, schema: schema)
    for failure in [
      refusal { () throws(SchemaError) in try other.migrate(until: soon()) },
      refusal { () throws(SchemaError) in _ = try other.status(until: soon()) },
      refusal { () throws(SchemaError) in try other.uninstall(until: soon()) { _ in true } },
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
    for _ in 0..<2 { try database.migrator.uninstall(until: soon()) { _ in true } }
    #expect(try database.value("SELECT to_regnamespace('sessions_fcgi')::text") == nil)
    try database.execute("DELETE FROM speaking_sessions")
    #expect(try database.states() == Array(repeating: .pending, count: latest))
    try database.migrate()
    try database.expectAWholeLife("s2")
  }

  @Test func `uninstalling makes nothing`() throws {
    let database = try TestDatabase(schema: "new")
    try database.migrator.uninstall(until: soon()) { _ in true }
    #expect(try database.value("SELECT to_regnamespace('new')::text") == nil)
  }
}
