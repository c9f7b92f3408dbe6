// Sharing connections: reuse, repair, limits.

import Glibc
import POSIX
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Postgres

@Suite struct ConnectionPoolTests {
  private func backend(_ pool: ConnectionPool) throws -> Int {
    try pool.withConnection(until: soon()) { (connection) throws(PostgresError) in
      try PostgresTests.backend(of: &connection)
    }
  }

  /// Ends a server process and returns once its clients have been told.
  private func terminate(_ process: Int) throws {
    var admin = try openConnection()
    let result = try admin.execute(
      "SELECT pg_terminate_backend($1, 10000)", [.integer(process)], until: soon())
    #expect(try result.bool(0, 0))
  }

  @Test func connectionIsKeptForTheNextUser() throws {
    let pool = try openPool()
    #expect(try backend(pool) == backend(pool))
  }

  @Test func connectionUsedLastIsHandedOutFirst() throws {
    let pool = try openPool()
    var inner = 0
    let outer = try pool.withConnection(until: soon()) { (connection) throws(PostgresError) in
      inner = try pool.withConnection(until: soon()) { (other) throws(PostgresError) in
        try PostgresTests.backend(of: &other)
      }
      return try PostgresTests.backend(of: &connection)
    }
    #expect(outer != inner)
    #expect(try backend(pool) == outer)
  }

  @Test func deadIdleConnectionIsReplacedUnseen() throws {
    let pool = try openPool()
    let first = try backend(pool)
    try terminate(first)
    let result = try pool.execute("SELECT pg_backend_pid()", until: soon())
    #expect(try result.int(0, 0) != first)
  }

  /// The first run of the statement ends its own session, the second finds the sequence moved on:
  /// a connection that passes every check before its use, and then turns out dead.
  @Test func repeatableStatementIsSentOnceMoreAndOthersAreNot() throws {
    let pool = try openPool(size: 1)
    try pool.withConnection(until: soon()) { (connection) throws(PostgresError) in
      try connection.executeScript(
        "CREATE SEQUENCE repeated; CREATE SEQUENCE single; CREATE SEQUENCE hopeless",
        until: soon())
    }
    let statement: Statement = """
      SELECT pg_terminate_backend(pg_backend_pid()) FROM nextval($1::text::regclass) AS run
        WHERE run <= $2
      """
    let result = try pool.execute(
      statement, [.text("repeated"), .integer(1)], until: soon(), repetition: .allowed)
    #expect(result.rowCount == 0)
    for (sequence, repetition, runs) in [
      ("single", ConnectionPool.Repetition.never, 1), ("hopeless", .allowed, 2),
    ] {
      let error = #expect(throws: PostgresError.self) {
        try pool.execute(
          statement, [.text(sequence), .integer(9)], until: soon(), repetition: repetition)
      }
      #expect(error?.isUnavailable == true)
      let count = try pool.execute(
        "SELECT nextval($1::text::regclass)", [.text(sequence)], until: soon())
      #expect(try count.int(0, 0) == runs + 1)
    }
  }

  @Test func openOrFailedTransactionDoesNotReachTheNextUser() throws {
    let pool = try openPool(size: 1)
    for script in ["BEGIN", "BEGIN; SELECT 1/0"] as [Statement] {
      let used = try pool.withConnection(until: soon()) { (connection) throws(PostgresError) in
        let process = try PostgresTests.backend(of: &connection)
        // The second of them fails, and its error is what this is about.
        try? connection.executeScript(script, until: soon())
        return process
      }
      #expect(try backend(pool) != used)
    }
  }

  @Test func refusedStatementDoesNotCostTheConnection() throws {
    let pool = try openPool(size: 1)
    let first = try backend(pool)
    #expect(throws: PostgresError.self) { try pool.execute("SELECT 1/0", until: soon()) }
    #expect(try backend(pool) == first)
  }

  @Test func statementPastItsDeadlineCostsTheConnection() throws {
    let pool = try openPool(size: 1)
    let first = try backend(pool)
    #expect(throws: PostgresError.timedOut) {
      try pool.execute("SELECT pg_sleep(15)", until: .after(.milliseconds(20)))
    }
    #expect(try backend(pool) != first)
  }

  @Test(arguments: [Duration.milliseconds(20), nil])
  func exhaustedPoolIsAnErrorWithinTheWait(wait: Duration?) throws {
    let pool = try openPool(size: 1, wait: wait)
    try pool.withConnection(until: soon()) { (_) throws(PostgresError) in
      let deadline = wait == nil ? Deadline.after(.milliseconds(20)) : soon()
      #expect(throws: PostgresError.poolExhausted) { try pool.execute("SELECT 1", until: deadline) }
    }
    // A waiter that gave up has left nothing behind.
    #expect(try pool.execute("SELECT 1", until: soon()).rowCount == 1)
  }

  /// The flag that a waiter needs, and the wait for it.
  @Test(
    arguments: [(Errno.tooManyOpenFiles, 0), (.tooManyOpenFilesInSystem, 0), (.noMemory, 1)])
  func waitThatIsNotPossibleIsNotToldAsAnExhaustedPool(error: Errno, calls: Int) throws {
    let pool = try openPool(size: 1)
    try pool.withConnection(until: soon()) { (_) throws(PostgresError) in
      FaultInjection.$current.withValue(FaultInjection(error, afterCalls: calls)) {
        _ = #expect(throws: PostgresError.cannotWait(error)) {
          try pool.execute("SELECT 1", until: soon())
        }
      }
    }
    #expect(pool.usage.waiting == 0)
    #expect(try pool.execute("SELECT 1", until: soon()).rowCount == 1)
  }

  @Test func unreachableDatabaseGivesItsSlotBack() throws {
    let url = try databaseURL("postgres://u@127.0.0.1:\(freePort())/x")
    let pool = ConnectionPool(url, .init(size: 1, wait: .seconds(60)))
    for _ in 0..<3 {
      let error = #expect(throws: PostgresError.self) {
        try pool.execute("SELECT 1", until: soon())
      }
      #expect(error?.isUnavailable == true && error != .poolExhausted)
    }
  }

  @Test func oldIdleConnectionsAreClosed() throws {
    let pool = try openPool(size: 2, idleTime: .zero)
    #expect(try backend(pool) != backend(pool))
    let inner = try pool.withConnection(until: soon()) { (_) throws(PostgresError) in
      try pool.withConnection(until: soon()) { (other) throws(PostgresError) in
        try PostgresTests.backend(of: &other)
      }
    }
    // The outer one's return has closed the inner one; its server process ends by itself.
    var admin = try openConnection()
    let deadline = soon()
    var sessions = 1
    while sessions > 0, !deadline.hasPassed {
      let count = try admin.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE pid = $1", [.integer(inner)], until: deadline)
      sessions = try count.int(0, 0)
    }
    #expect(sessions == 0)
  }

  @Test func idleConnectionsAreClosedWithoutAUseToo() throws {
    let pool = try openPool(size: 2, idleTime: .zero)
    _ = try backend(pool)
    #expect(pool.usage.idle == 1)
    pool.closeIdleConnections()
    #expect(pool.usage.idle == 0)
    _ = try backend(pool)
  }

  @Test func manyThreadsShareFewConnectionsAndAllGetTheirTurn() throws {
    let pool = try openPool(size: 2, wait: nil)
    let backends = Mutex<Set<Int>>([])
    let finished = Mutex(0)
    try withThreads(8) { _ in
      for _ in 0..<20 {
        guard let result = try? pool.execute("SELECT pg_backend_pid()", until: soon()),
          let process = try? result.int(0, 0)
        else { return }
        backends.withLock { _ = $0.insert(process) }
        finished.withLock { $0 += 1 }
      }
    }
    #expect(finished.withLock { $0 } == 160)
    #expect(backends.withLock { $0.count } == 2)
  }

  @Test func closedPeerDoesNotKillUsBySignal() throws {
    let server = try TemporaryPostgres.shared()
    let proxy = try CuttingProxy(to: server.port)
    try proxy.run {
      let url = try databaseURL("postgres://postgres@127.0.0.1:\(proxy.port)/postgres")
      var connection = try Connection.open(url, until: soon())
      proxy.cut(after: 0)
      let large = Parameter.text(String(repeating: "x", count: 8 << 20))
      #expect(throws: PostgresError.connectionLost) {
        try connection.execute("SELECT length($1)", [large], until: soon())
      }
      #expect(throws: PostgresError.connectionLost) {
        try connection.execute("SELECT 1", until: soon())
      }
    }
  }
}
