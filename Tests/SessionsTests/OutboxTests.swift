// Jobs that cannot be done, and those that requests have done.

import Logging
import POSIX
import Postgres
import R2
import Synchronization
import Testing

@testable import Sessions

@Suite struct `A job that cannot be read` {
  @Test func `is postponed as any other, and holds up none`() throws {
    let database = try TestDatabase()
    try database.migrate()
    // A fraction, where the program reads whole numbers.
    try database.execute("ALTER TABLE sessions_fcgi.jobs ALTER attempts TYPE numeric")
    try database.execute(
      """
      INSERT INTO sessions_fcgi.jobs (kind, "sessionId", "objectKey", attempts)
      VALUES ('delete', 's1', 'k1', 1.5), ('delete', 's2', NULL, 0)
      """)
    let outbox = try outbox(of: database)
    for _ in 0..<2 {
      #expect(try outbox.doDueJob(.delete, uploadTimeout: .seconds(900)) == .failed)
    }
    #expect(try outbox.doDueJob(.delete, uploadTimeout: .seconds(900)) == .none)
    #expect(
      try database.value(
        """
        SELECT string_agg("sessionId" || ': ' || "lastError", ', ' ORDER BY id)
        FROM sessions_fcgi.jobs WHERE "dueAt" > now() AT TIME ZONE 'UTC'
        """)
        == "s1: the job cannot be read: column 4 holds a value of another kind, "
        + "s2: the job names no possible object")
  }

  @Test(arguments: ["2147483647", "-2147483648"])
  func `or was tried more often than a number says is postponed`(attempts: String) throws {
    let database = try TestDatabase()
    try database.migrate()
    let values: [Parameter] = [.text(attempts)]
    try database.pool.execute(
      """
      INSERT INTO sessions_fcgi.jobs (kind, "sessionId", "objectKey", attempts)
      VALUES ('delete', 's1', NULL, $1)
      """, values, until: soon())
    let outbox = try outbox(of: database)
    #expect(try outbox.doDueJob(.delete, uploadTimeout: .seconds(900)) == .failed)
    #expect(try outbox.doDueJob(.delete, uploadTimeout: .seconds(900)) == .none)
  }

  @Test func `for its session's sake is postponed as any other, and holds up none`() throws {
    let database = try TestDatabase()
    try database.migrate()
    for statement: Statement in [
      """
      INSERT INTO users (id, "externalId", "updatedAt") VALUES ('u', 'u', now())
      """,
      """
      INSERT INTO speaking_sessions (id, "userId", "updatedAt") VALUES ('s1', 'u', now())
      """,
      "ALTER TABLE speaking_sessions RENAME TO stored",
      """
      CREATE VIEW speaking_sessions AS SELECT * FROM stored WHERE 1 / (id <> 's1')::integer = 1
      """,
      """
      INSERT INTO sessions_fcgi.webhooks ("sessionId", "dueAt")
      VALUES ('s1', now() - interval '2 days'), ('s2', now() - interval '1 day')
      """,
    ] { try database.execute(statement) }
    let outbox = try outbox(of: database)
    for step: Outbox.Step in [.failed, .done, .none] {
      #expect(try outbox.doDueJob(.webhook, uploadTimeout: .seconds(900)) == step)
    }
    for job in try outbox.jobs() {
      #expect(try outbox.doJob(job, uploadTimeout: .seconds(900)) == .failed)
    }
    #expect(
      try database.value(
        """
        SELECT "sessionId" || attempts || "lastError" FROM sessions_fcgi.webhooks
        WHERE "dueAt" > now() AT TIME ZONE 'UTC'
        """) == "s12the database refused a statement: ERROR 22012")
  }
}

@Suite struct `A deletion that a request has finished` {
  @Test func `is forgotten, but not what may land later or is in other hands`() throws {
    let database = try TestDatabase()
    try database.migrate()
    try database.execute(
      """
      INSERT INTO sessions_fcgi.jobs (kind, "sessionId", "objectKey", "aliveAt")
      VALUES ('delete', 's1', 'k1', NULL), ('delete', 's2', 'k2', now()),
        ('delete', 's3', 'k3', NULL), ('delete', 's4', 'k4', NULL)
      """)
    let outbox = try outbox(of: database)
    for text in ["k1", "k2", "k3"] { outbox.finishDeletion(of: try #require(ObjectKey(text))) }
    try database.pool.withConnection(until: soon()) { (connection) throws(PostgresError) in
      try connection.executeScript(
        "BEGIN; SELECT FROM sessions_fcgi.jobs WHERE \"objectKey\" = 'k3' FOR UPDATE",
        until: soon())
      try outbox.forgetDeletions()
      try connection.executeScript("ROLLBACK", until: soon())
    }
    #expect(
      try database.value(
        "SELECT string_agg(\"objectKey\", ' ' ORDER BY id) FROM sessions_fcgi.jobs")
        == "k2 k3 k4")
  }

  @Test func `is noted, but only up to a number`() throws {
    let database = try TestDatabase()
    let outbox = try outbox(of: database)
    for n in 0...10_000 { outbox.finishDeletion(of: try #require(ObjectKey("k\(n)"))) }
    #expect(outbox.finishedDeletions.withLock { $0.count } == 10_000)
  }

  @Test func `is not due before it had its time`() throws {
    let database = try TestDatabase()
    try database.migrate()
    guard case .begun(let text) = try database.begin("s"), let key = ObjectKey(text) else {
      Issue.record("an upload does not begin")
      return
    }
    _ = try database.store.finish("s", key, Announcement(), until: soon())
    let identity = try Identity(variables([("REMOTE_USER", "demo")]))
    #expect(try database.store.delete("s", of: identity, until: soon()) == .session(audioKey: text))
    let outbox = try outbox(of: database)
    #expect(try outbox.doDueJob(.delete, uploadTimeout: .seconds(900)) == .none)
    #expect(try outbox.jobs().map(\.kind) == ["delete"])
  }
}

private func outbox(of database: borrowing TestDatabase) throws -> Outbox {
  try Outbox(
    pool: database.pool, requests: database.pool, schema: database.schema,
    storage: makeStorage(), publisher: nil,
    log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
}
