// Jobs that cannot be done.

import Logging
import POSIX
import Postgres
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

  private func outbox(of database: borrowing TestDatabase) throws -> Outbox {
    try Outbox(
      pool: database.pool, requests: database.pool, schema: database.schema,
      storage: makeStorage(), publisher: nil,
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }
}
