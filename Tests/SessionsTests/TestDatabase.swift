// A database of a test's own, and what an upload and its end do in it.

import FoundationEssentials
import POSIX
import Postgres
import R2
import Synchronization
import TestSupport
import Testing

@testable import Sessions

func soon() -> Deadline { .after(.seconds(60)) }

/// A database of a test's own.
struct TestDatabase: ~Copyable, Sendable {
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

  /// A file of Dumps/.
  static func file(_ name: String) throws -> Statement {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Dumps/\(name)")
    return Statement(embedded: Array(try Data(contentsOf: file)))
  }

  /// What the first version left, of which `pg_dump` made a script.
  func loadFirstVersion() throws {
    let script = try TestDatabase.file("first-version.dump")
    // The script empties the search path of its session.
    let once = ConnectionPool(url, .init(size: 1, wait: nil))
    try once.withConnection(until: soon()) { (connection) throws(PostgresError) in
      try connection.executeScript(script, until: soon())
    }
  }

  func begin(
    _ id: String, key: String? = nil, until deadline: Deadline = soon()
  ) throws -> UploadBeginning {
    let identity = try Identity(variables([("REMOTE_USER", "demo")]))
    let upload = Upload(
      recording: try TemporaryRecordingWriter(in: TemporaryFiles(in: "/tmp")).finish(),
      contentType: "audio/webm", subtype: "webm", durationSeconds: 5, topic: "Birds", language: "en"
    )
    return try store.begin(
      id, of: identity, newUserID: "user-\(id)", upload, key.map { IdempotencyKey(text: $0) },
      UploadLimits(inFlight: 5, perHour: 50), until: deadline)
  }

  /// An upload from its beginning to the session's deletion, by everyone's part in it.
  func expectAWholeLife(_ id: String) throws {
    guard case .begun(let text) = try begin(id), let key = ObjectKey(text) else {
      Issue.record("an upload does not begin")
      return
    }
    let told = Announcement(isPublished: true, isSentByWebhook: true, traceparent: "trace")
    guard case .uploaded = try store.finish(id, key, told, until: soon()) else {
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
    let webhook: Statement = """
      SELECT traceparent FROM sessions_fcgi.webhooks WHERE "sessionId" = $1
      """
    #expect(try pool.execute(webhook, [.text(id)], until: soon()).text(0, 0) == "trace")
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

func refusal(_ work: () throws(SchemaError) -> Void) -> String? {
  do {
    try work()
    return nil
  } catch {
    return "\(error)"
  }
}
