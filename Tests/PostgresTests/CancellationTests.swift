// Statements that nobody waits for any more, and those that the server ends by itself.

import POSIX
import TestSupport
import Testing

@testable import Postgres

@Suite struct CancellationTests {
  /// How many sessions still work on a statement with `mark` in it, asked until there are no more
  /// than `rest` or half a minute has passed.
  private func working(on mark: String, downTo rest: Int = 0) throws -> Int {
    var admin = try openConnection()
    let limit = Deadline.after(.seconds(30))
    var count: Int
    repeat {
      count = try admin.execute(
        """
        SELECT count(*) FROM pg_stat_activity
        WHERE state <> 'idle' AND strpos(query, $1) > 0 AND pid <> pg_backend_pid()
        """, [.text(mark)], until: soon()
      ).int(0, 0)
    } while count > rest && !limit.hasPassed
    return count
  }

  private func bouncerPool(size: Int) throws -> ConnectionPool {
    let pooler = try TemporaryPgBouncer.start()
    return ConnectionPool(
      try databaseURL("postgres://app@127.0.0.1:\(pooler.port)/postgres?pgbouncer=true"),
      .init(size: size, wait: nil))
  }

  @Test func statementPastItsDeadlineEndsInTheServer() throws {
    let pool = try openPool(size: 5)
    try withThreads(5) { _ in
      #expect(throws: PostgresError.timedOut) {
        try pool.execute(
          "SELECT 'past its deadline', pg_sleep(60)", until: .after(.seconds(2)))
      }
    }
    #expect(try working(on: "past its deadline") == 0)
  }

  @Test func soDoesOneThatWaitsForALock() throws {
    let pool = try openPool(size: 1)
    var holder = try openConnection()
    try holder.executeScript("BEGIN; SELECT pg_advisory_xact_lock(4711)", until: soon())
    try pool.execute("SELECT 1", until: soon())  // It is the lock that takes too long.
    #expect(throws: PostgresError.timedOut) {
      try pool.execute("SELECT pg_advisory_xact_lock(4711)", until: .after(.milliseconds(100)))
    }
    #expect(try working(on: "lock(4711)", downTo: 1) == 1)  // The holder, idle in its transaction.
    #expect(try pool.execute("SELECT 1", until: soon()).int(0, 0) == 1)
  }

  @Test func soDoesOneBehindAPooler() throws {
    let pool = try bouncerPool(size: 1)
    for _ in 0..<3 {
      try pool.execute("SELECT 1", until: soon())  // It is the statement that takes too long.
      #expect(throws: PostgresError.timedOut) {
        try pool.execute("SELECT 'behind', pg_sleep(60)", until: .after(.milliseconds(200)))
      }
      #expect(try working(on: "'behind'") == 0)
    }
    // Its one session with the server is free for others.
    #expect(try pool.execute("SELECT 1", until: soon()).int(0, 0) == 1)
  }

  /// The peer takes the connection on which the statement is to be cancelled, and says nothing.
  @Test func cancellationThatIsStuckHoldsNobodyForLong() throws {
    let server = try TemporaryPostgres.shared()
    let proxy = try CuttingProxy(to: server.port)
    let pool = ConnectionPool(
      try databaseURL("postgres://postgres@127.0.0.1:\(proxy.port)/postgres?sslmode=disable"),
      .init(size: 1, wait: nil))
    try proxy.run { _ = try pool.execute("SELECT 1", until: soon()) }
    // From here on the kernel takes connections, and nobody reads.
    for _ in 0..<2 {
      let start = ContinuousClock.now
      #expect(throws: PostgresError.self) {
        try pool.execute("SELECT pg_sleep(60)", until: .after(.milliseconds(50)))
      }
      #expect(start.duration(to: .now) < .seconds(30))
    }
  }

  @Test func resultWithoutEndIsRefusedAndEnded() throws {
    let pool = try openPool(size: 1)
    #expect(throws: PostgresError.resultTooLarge) {
      try pool.execute(
        "SELECT repeat('endless', 100000) FROM generate_series(1, 100000000)", until: soon())
    }
    #expect(try working(on: "repeat('endless'") == 0)
    // Rows of nothing take memory, too.
    #expect(throws: PostgresError.resultTooLarge) {
      try pool.execute("SELECT NULL, NULL FROM generate_series(1, 10000000)", until: soon())
    }
  }

  @Test func rowsUpToTheLimitAreTaken() throws {
    let pool = try openPool(size: 1)
    let result = try pool.execute(
      "SELECT n, repeat('x', 1000) FROM generate_series(1, 50000) AS n", until: soon())
    #expect(result.rowCount == 50000 && result.columnCount == 2)
    #expect(try result.int(49999, 0) == 50000)
    #expect(try result.withBytes(49999, 1) { $0.count } == 1000)
  }
}

@Suite struct ServerTimeoutTests {
  private func setting(
    _ parameters: String, port: Int? = nil, serverTimeout: Duration? = .seconds(20)
  ) throws -> String {
    let server = try TemporaryPostgres.shared()
    let url = "postgres://postgres@127.0.0.1:\(port ?? server.port)/postgres" + parameters
    var connection = try Connection.open(
      databaseURL(url), serverTimeout: serverTimeout, until: soon())
    return try connection.execute("SHOW statement_timeout", until: soon()).text(0, 0)
  }

  @Test(arguments: [
    ("", "20s"), ("?pgbouncer=false", "20s"), ("?pgbouncer=true", "0"),
    ("?options=-c%20statement_timeout%3D7s", "7s"), ("?options=-c%20lock_timeout%3D7s", "20s"),
    ("?pgbouncer=true&options=-c%20statement_timeout%3D7s", "7s"),
  ])
  func statementTimeoutComesWithTheStartup(parameters: String, expected: String) throws {
    #expect(try setting(parameters) == expected)
  }

  @Test func poolerThatRefusesItIsAskedWithoutIt() throws {
    let pooler = try TemporaryPgBouncer.shared()
    #expect(try setting("", port: pooler.port) == "0")
  }

  @Test func fullPoolerIsToldAsSuch() throws {
    let pooler = try TemporaryPgBouncer.start(setting: "max_client_conn = 1")
    let url = try databaseURL("postgres://carla@127.0.0.1:\(pooler.port)/postgres?pgbouncer=true")
    let first = try Connection.open(url, until: soon())
    let error = #expect(throws: PostgresError.self) {
      _ = try Connection.open(url, until: soon())
    }
    #expect(error?.isUnavailable == true)
    #expect(error?.description.contains("max_client_conn") == true, "\(String(describing: error))")
    first.close()
  }

  @Test(arguments: [
    ("no more connections allowed (max_client_conn)", PoolerRefusal.full),
    ("no more connections allowed", .full), ("query_wait_timeout", .full),
    ("unsupported startup parameter: options", .startupParameter),
    ("unsupported startup parameter in options: statement_timeout", .startupParameter),
    ("no such database: ledger", .noDatabase), ("no such user: carla", .noUser),
    ("server login has been failing, try again later (server_login_retry)", .noServer),
    ("pgbouncer cannot connect to server", .noServer), ("carla has no place here", nil),
  ])
  func refusalOfAPoolerIsToldByItsMessage(message: String, expected: PoolerRefusal?) {
    let reason = ConnectionFailure.Reason(
      message: "connection to server at \"h\" (::1), port 6432 failed: "
        + "FATAL:  08P01: \(message)\nserver closed the connection unexpectedly",
      secrets: ["carla"])
    #expect(reason == expected.map { .pooler($0) } ?? .server(.protocolViolation))
    #expect(!"\(reason)".contains("carla") && !"\(reason)".contains("ledger"))
  }
}
