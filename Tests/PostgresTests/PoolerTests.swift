// Sessions through a pooler in transaction mode.

import POSIX
import Synchronization
import TestSupport
import Testing

@testable import Postgres

@Suite struct PoolerTests {
  private func url() throws -> DatabaseURL {
    let pooler = try TemporaryPgBouncer.shared()
    return try databaseURL(
      "postgres://app@127.0.0.1:\(pooler.port)/postgres?pgbouncer=true&schema=pooled"
        + "&connection_limit=4&sslmode=disable")
  }

  @Test func clientsShareOneServerSessionWithoutMixingUp() throws {
    let url = try url()
    var admin = try Connection.open(url, until: soon())
    try admin.executeScript(
      """
      BEGIN; SELECT pg_advisory_xact_lock(7); CREATE SCHEMA \(url.schema);
      CREATE TABLE \(url.schema).t (client int8, run int8); COMMIT
      """, until: soon())
    let insert: Statement = "INSERT INTO \(url.schema).t VALUES ($1, $2) RETURNING client, run"
    let size = try #require(url.poolSize)
    let pool = ConnectionPool(url, .init(size: size, wait: url.poolWait))
    let mismatches = Mutex(0)
    try withThreads(size) { client in
      for run in 0..<25 {
        let isOurs = try? {
          let row = try pool.execute(insert, [.integer(client), .integer(run)], until: soon())
          return try row.int(0, 0) == client && row.int(0, 1) == run
        }()
        if isOurs != true { mismatches.withLock { $0 += 1 } }
      }
    }
    #expect(mismatches.withLock { $0 } == 0)
    let count = try admin.execute("SELECT count(*) FROM \(url.schema).t", until: soon())
    #expect(try count.int(0, 0) == 25 * size)
  }

  @Test func failedStatementOfOneClientDoesNotReachAnother() throws {
    let url = try url()
    var first = try Connection.open(url, until: soon())
    var second = try Connection.open(url, until: soon())
    for _ in 0..<5 {
      #expect(throws: PostgresError.self) { try first.execute("SELECT 1/0", until: soon()) }
      let result = try second.execute("SELECT $1::text", [.text("a")], until: soon())
      #expect(try result.text(0, 0) == "a")
    }
  }
}
