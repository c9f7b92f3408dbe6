// Each statement of the program among many rows of others: it finds its own by an index.

import POSIX
import Postgres
import Testing

@testable import Sessions

/// A statement with values of its own kind.
struct PlannedStatement: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let statement: Statement
  var values: [Parameter] = []
  /// Whether it is a function's call, whose inner statements EXPLAIN does not show.
  var isCall = false
}

@Suite struct `Among 200,000 uploads and 50,000 jobs` {
  /// Filled once for all statements: it takes some seconds.
  private static let filled = Result { try fill() }

  private final class Filled: Sendable {
    let database: TestDatabase

    init(_ database: consuming TestDatabase) { self.database = database }
  }

  private static func fill() throws -> Filled {
    let database = try TestDatabase()
    try database.migrate()
    try database.pool.withConnection(until: soon()) { (connection) throws(PostgresError) in
      try connection.executeScript(content, until: .after(.seconds(120)))
    }
    return Filled(database)
  }

  private static let content: Statement = """
    INSERT INTO users (id, "externalId", "updatedAt")
      SELECT 'u' || n, 'e' || n, now() FROM generate_series(1, 1000) AS n;
    INSERT INTO speaking_sessions (id, "userId", status, "audioUrl", "createdAt", "updatedAt")
      SELECT 's' || n, 'u' || n % 1000 + 1, 'UPLOADED', 'sessions/u/s' || n || '/audio.webm',
        now() - n * interval '1 second', now() FROM generate_series(1, 200000) AS n;
    INSERT INTO users (id, "externalId", "updatedAt") VALUES ('many', 'many', now());
    INSERT INTO speaking_sessions (id, "userId", status, "createdAt", "updatedAt")
      SELECT 'm' || n, 'many', 'UPLOADED', timestamp '2026-01-01' - n * interval '1 hour', now()
      FROM generate_series(1, 10000) AS n;
    INSERT INTO transcripts (id, "sessionId", text)
      SELECT 't' || n, 's' || n, 'words' FROM generate_series(1, 200000) AS n;
    INSERT INTO insights (id, "sessionId", category, pattern, detail)
      SELECT 'i' || n, 's' || n, 'c', 'p', 'd' FROM generate_series(1, 200000) AS n;
    INSERT INTO sessions_fcgi.uploads
      ("sessionId", "externalId", "idempotencyKey", "contentHash", "startedAt", "completedAt")
      SELECT 's' || n, 'e' || n % 1000 + 1, 'k' || n, 'h',
        statement_timestamp() AT TIME ZONE 'UTC' - (n - 10) * interval '430 milliseconds', now()
      FROM generate_series(1, 200000) AS n;
    UPDATE sessions_fcgi.uploads SET "startedAt" = "startedAt" - interval '2 days'
      WHERE "sessionId" < 's10001';
    INSERT INTO sessions_fcgi.jobs (kind, "sessionId", "objectKey", "aliveAt", "createdAt", "dueAt")
      SELECT kind, 's' || n, nullif(kind, 'publish') || n,
        CASE kind WHEN 'upload' THEN utc END,
        CASE WHEN n <= 3 THEN utc - interval '1 day' ELSE utc END,
        CASE kind WHEN 'delete' THEN utc + n * interval '1 second' ELSE utc - interval '1 hour' END
      FROM generate_series(1, 50000) AS n,
        LATERAL (SELECT CASE WHEN n <= 100 THEN 'upload' WHEN n % 2 = 0 THEN 'delete'
          ELSE 'publish' END AS kind, statement_timestamp() AT TIME ZONE 'UTC' AS utc) AS made;
    INSERT INTO sessions_fcgi.webhooks ("sessionId", "dueAt")
      SELECT 's' || n, now() AT TIME ZONE 'UTC' - n * interval '1 second'
      FROM generate_series(1, 20000) AS n;
    ANALYZE;
    """

  private static let sessions = SessionStatements(schema: .publicSchema)
  private static let outbox = OutboxStatements(schema: .publicSchema)

  static let statements: [PlannedStatement] = [
    .init(
      testDescription: "begin", statement: sessions.begin,
      values: [
        .text("e7"), .text("new"), .null, .null, .text("fresh"), .text("webm"), .integer(5),
        .text("en"), .null, .text("key"), .text("hash"), .integer(5), .integer(50),
      ], isCall: true),
    .init(
      testDescription: "finish", statement: sessions.finish,
      values: [.text("s50"), .text("key"), .boolean(true), .boolean(true), .null], isCall: true),
    .init(
      testDescription: "fail", statement: sessions.fail, values: [.text("s51"), .text("no")],
      isCall: true),
    .init(
      testDescription: "list", statement: sessions.list,
      values: [.text("e7"), .integer(10), .integer(20), .integer(3)]),
    .init(
      testDescription: "the first page by cursor", statement: sessions.walkFromStart,
      values: [.text("e7"), .integer(10), .integer(1), .null, .null]),
    .init(
      testDescription: "a later page by cursor", statement: sessions.walk,
      values: [.text("e7"), .integer(10), .integer(1), .integer(1_800_000_000_000), .text("s")]),
    .init(
      testDescription: "a filtered list", statement: sessions.filteredList,
      values: [
        .text("e7"), .integer(10), .integer(20), .integer(3), .text("x"), .text("UPLOADED"),
        .text("en"),
      ]),
    .init(
      testDescription: "a later page of a filtered list by cursor",
      statement: sessions.filteredWalk,
      values: [
        .text("e7"), .integer(10), .integer(1), .integer(1_800_000_000_000), .text("s"), .text("x"),
        .text("UPLOADED"), .text("en"), .text("mark"),
      ]),
    .init(
      testDescription: "show", statement: sessions.show, values: [.text("e7"), .text("s6")]),
    .init(
      testDescription: "find", statement: sessions.find, values: [.text("e7"), .text("s6")]),
    .init(
      testDescription: "delete", statement: sessions.delete, values: [.text("e7"), .text("s6")]),
    .init(
      testDescription: "forget deletions", statement: outbox.forgetDeletions,
      values: [.array(["delete1000", "delete1001"])]),
    .init(
      testDescription: "renew leases", statement: UploadLeases.renew,
      values: [.array(["s4", "s5", "s6"])]),
    .init(
      testDescription: "claim what is due to be deleted", statement: outbox.dueDelete.claim,
      values: [.integer(900)]),
    .init(
      testDescription: "claim what is due to be published", statement: outbox.duePublish.claim,
      values: [.integer(900)]),
    .init(
      testDescription: "claim one", statement: outbox.named.claim,
      values: [.integer(900), .integer(1000)]),
    .init(
      testDescription: "claim a webhook that is due", statement: outbox.dueWebhook.claim),
    .init(
      testDescription: "postpone", statement: outbox.ofJobs.postpone,
      values: [.text("x"), .integer(1000)]),
    .init(
      testDescription: "postpone what is due to be deleted", statement: outbox.dueDelete.postpone,
      values: [.text("x")]),
    .init(
      testDescription: "postpone a webhook that is due", statement: outbox.dueWebhook.postpone,
      values: [.text("x")]),
    .init(
      testDescription: "keep", statement: outbox.keep, values: [.integer(50), .integer(900)]),
    .init(testDescription: "remove", statement: outbox.ofJobs.remove, values: [.integer(1000)]),
    .init(testDescription: "give up", statement: outbox.giveUp, values: [.integer(900)]),
    .init(
      testDescription: "count the stale", statement: outbox.countStale, values: [.integer(900)]),
    .init(testDescription: "forget old uploads", statement: outbox.forget),
  ]

  /// Planned for its values, and for any: what a prepared statement comes to.
  @Test(arguments: statements, ["force_custom_plan", "force_generic_plan"])
  func `a statement reads its own rows alone`(planned: PlannedStatement, mode: String) throws {
    let pool = try Self.filled.get().database.pool
    try pool.withConnection(until: soon()) { (connection) throws(PostgresError) in
      if !planned.isCall {
        let explain: Statement = "EXPLAIN (COSTS OFF) \(planned.statement)"
        let plan = try connection.execute(explain, planned.values, until: soon())
        for row in 0..<plan.rowCount {
          let line = try plan.text(row, 0)
          for table in ["jobs", "uploads", "speaking_sessions", "users", "transcripts", "insights"]
          {
            #expect(!line.contains("Seq Scan on \(table)"))
          }
        }
      }
      // An index may be read from end to end as well: what counts is what was fetched. From the
      // sixth run on a function's statements may have plans for any values.
      try connection.executeScript("BEGIN", until: soon())
      try connection.execute(
        "SELECT set_config('plan_cache_mode', $1, true)", [.text(mode)], until: soon())
      let before = try rowsRead(on: &connection)
      let runs = planned.isCall ? 8 : 1
      for _ in 0..<runs { try connection.execute(planned.statement, planned.values, until: soon()) }
      let after = try rowsRead(on: &connection)
      try connection.executeScript("ROLLBACK", until: soon())
      #expect(after.scans == before.scans)
      // A user has 200 sessions, which a list counts, and 200 uploads.
      #expect(after.fetched - before.fetched <= 450 * runs)
    }
  }

  /// The sixth run on a connection may have a plan for any values.
  @Test(arguments: ["force_custom_plan", "force_generic_plan"], [true, false])
  func `a page of 10,000 sessions reads itself alone`(mode: String, isFirst: Bool) throws {
    let pool = try Self.filled.get().database.pool
    // 5,000 hours before the first.
    let cursor: [Parameter] =
      isFirst ? [.null, .null] : [.integer(1_749_225_600_000), .text("m5000")]
    let statement = isFirst ? Self.sessions.walkFromStart : Self.sessions.walk
    try pool.withConnection(until: soon()) { (connection) throws(PostgresError) in
      try connection.executeScript("BEGIN", until: soon())
      try connection.execute(
        "SELECT set_config('plan_cache_mode', $1, true)", [.text(mode)], until: soon())
      let before = try rowsRead(on: &connection)
      let page = try connection.execute(
        statement, [.text("many"), .integer(10), .integer(1)] + cursor, until: soon())
      let after = try rowsRead(on: &connection)
      try connection.executeScript("ROLLBACK", until: soon())
      #expect(try page.text(0, 0).contains(isFirst ? "\"m1\"" : "\"m5001\""))
      // What its total counts, and the page.
      #expect(after.fetched - before.fetched <= 10_000 + 50)
    }
  }

  /// Reads of whole tables, and rows that indexes led to, by this session so far.
  private func rowsRead(
    on connection: inout Connection
  ) throws(PostgresError) -> (scans: Int, fetched: Int) {
    let read = try connection.execute(
      """
      SELECT sum(seq_scan)::bigint, sum(coalesce(idx_tup_fetch, 0))::bigint
      FROM pg_stat_xact_user_tables
      WHERE relname IN ('jobs', 'uploads', 'speaking_sessions', 'users', 'transcripts', 'insights')
      """, until: soon())
    return (try read.int(0, 0), try read.int(0, 1))
  }
}
