// Statements that come again: prepared where that holds, and run all the same where it does not.

import POSIX
import TestSupport
import Testing

@testable import Postgres

@Suite struct PreparedStatementTests {
  /// The names under which `statement` is prepared in the session.
  private func names(
    of statement: Statement, on connection: inout Connection
  ) throws(PostgresError) -> [String] {
    let rows = try connection.execute(
      "SELECT name FROM pg_prepared_statements WHERE statement = $1", [.text(statement.text)],
      until: soon())
    var names: [String] = []
    for row in 0..<rows.rowCount { names.append(try rows.text(row, 0)) }
    return names
  }

  @Test func nameIsTheBeginningOfTheTextsHash() {
    let statement: Statement = "SELECT 1"
    // printf 'SELECT 1' | sha256sum
    #expect(statement.name == "e004ebd5b5532a4b85984a62f8ad48a8")
  }

  @Test func statementIsPreparedAtItsSecondUse() throws {
    var connection = try openConnection()
    let statement: Statement = "SELECT $1::int8 + 1"
    for (use, expected) in [[], [statement.name], [statement.name]].enumerated() {
      let sum = try connection.execute(statement, [.integer(use)], until: soon()).int(0, 0)
      #expect(sum == use + 1)
      #expect(try names(of: statement, on: &connection) == expected)
    }
  }

  @Test func allKindsOfParametersGoToAPreparedOne() throws {
    var connection = try openConnection()
    let statement: Statement =
      "SELECT $1::text, $2::int8, $3::bool, encode($4::bytea, 'hex'), $5::text"
    for _ in 0..<4 {
      let row = try connection.execute(
        statement, [.text("é"), .integer(-7), .boolean(true), .binary([0, 255]), .null],
        until: soon())
      #expect(try row.text(0, 0) == "é" && row.int(0, 1) == -7 && row.bool(0, 2))
      #expect(try row.text(0, 3) == "00ff" && row.isNull(0, 4))
    }
  }

  @Test func failureOfAPreparedOneIsItsOwn() throws {
    var connection = try openConnection()
    let statement: Statement = "SELECT 6 / $1::int8"
    for divisor in [3, 0, 0, 2, 0, 1] {
      do {
        let value = try connection.execute(statement, [.integer(divisor)], until: soon())
        #expect(try value.int(0, 0) * divisor == 6)
      } catch {
        #expect(divisor == 0 && error.state?.rawValue == "22012")
      }
    }
    #expect(try names(of: statement, on: &connection).count == 1)
  }

  @Test func oneThatCannotBePreparedFailsAsItWould() throws {
    var connection = try openConnection()
    for _ in 0..<3 {
      let error = #expect(throws: PostgresError.self) {
        try connection.execute("SELECT * FROM no_such_table", until: soon())
      }
      #expect(error?.state == .undefinedTable)
    }
    #expect(try connection.execute("SELECT 1", until: soon()).int(0, 0) == 1)
  }

  @Test func nothingIsNamedWithinATransaction() throws {
    var connection = try openConnection()
    let statement: Statement = "SELECT 'within'"
    for _ in 0..<3 {
      try connection.executeScript("BEGIN", until: soon())
      for _ in 0..<3 { try connection.execute(statement, until: soon()) }
      try connection.executeScript("COMMIT", until: soon())
    }
    #expect(try names(of: statement, on: &connection) == [])
    // One that is prepared, and lost, does not end the transaction that it comes in.
    for _ in 0..<2 { try connection.execute(statement, until: soon()) }
    try connection.executeScript("DEALLOCATE ALL; BEGIN; SELECT 1", until: soon())
    #expect(try connection.execute(statement, until: soon()).text(0, 0) == "within")
    try connection.executeScript("COMMIT", until: soon())
  }

  @Test func columnOfAnotherTypeIsGiven() throws {
    var connection = try openConnection()
    try connection.executeScript(
      "CREATE TEMP TABLE typed (value int); INSERT INTO typed VALUES (7)", until: soon())
    let statement: Statement = "SELECT value FROM typed"
    for _ in 0..<3 { try connection.execute(statement, until: soon()) }
    try connection.executeScript(
      "ALTER TABLE typed ALTER COLUMN value TYPE text; UPDATE typed SET value = 'x'", until: soon())
    for use in 0..<4 {
      #expect(try connection.execute(statement, until: soon()).text(0, 0) == "x")
      #expect(try names(of: statement, on: &connection).count == (use < 2 ? 0 : 1))
    }
  }

  @Test func columnThatWasAddedIsNoMatter() throws {
    var connection = try openConnection()
    try connection.executeScript("CREATE TEMP TABLE grown (id int)", until: soon())
    let statement: Statement = "INSERT INTO grown VALUES ($1) RETURNING *"
    for id in 0..<6 {
      if id == 3 {
        try connection.executeScript("ALTER TABLE grown ADD COLUMN more int", until: soon())
      }
      let row = try connection.execute(statement, [.integer(id)], until: soon())
      #expect(try row.int(0, 0) == id)
      #expect(row.columnCount == (id < 3 ? 1 : 2))
    }
    // None was inserted twice.
    #expect(try connection.execute("SELECT count(*) FROM grown", until: soon()).int(0, 0) == 6)
  }

  /// What a pooler does that leads each transaction to any of its sessions.
  @Test(arguments: ["DEALLOCATE ALL", "DISCARD ALL"])
  func lostNamesAreDoneWithout(loss: String) throws {
    var connection = try openConnection()
    let statement: Statement = "SELECT 'lost'"
    for _ in 0..<3 { try connection.execute(statement, until: soon()) }
    #expect(try names(of: statement, on: &connection).count == 1)
    try connection.executeScript(Statement(embedded: Array(loss.utf8)), until: soon())
    for _ in 0..<3 {
      #expect(try connection.execute(statement, until: soon()).text(0, 0) == "lost")
    }
    #expect(try names(of: statement, on: &connection).isEmpty)
  }

  @Test func nameThatIsTakenIsDoneWithout() throws {
    var connection = try openConnection()
    let statement: Statement = "SELECT 'taken'"
    let name = try #require(QuotedIdentifier(statement.name))
    try connection.executeScript("PREPARE \(name) AS \(statement)", until: soon())
    for _ in 0..<4 {
      #expect(try connection.execute(statement, until: soon()).text(0, 0) == "taken")
    }
    let other: Statement = "SELECT 'other'"
    for _ in 0..<3 { try connection.execute(other, until: soon()) }
    #expect(try names(of: other, on: &connection) == [])
  }

  /// `pgbouncer=true` says it; without it the SQLSTATE does.
  @Test(arguments: ["?pgbouncer=true", ""]) func manyClientsBehindAPooler(query: String) throws {
    let pooler = try TemporaryPgBouncer.start()
    let url = try databaseURL(
      "postgres://app@127.0.0.1:\(pooler.port)/postgres\(query)")
    let pool = ConnectionPool(url, .init(size: 4, wait: nil))
    let statements: [Statement] = ["SELECT $1::int8 + 1", "SELECT $1::int8 + 2"]
    try withThreads(4) { client in
      for run in 0..<20 {
        for (index, statement) in statements.enumerated() {
          do {
            let sum = try pool.execute(statement, [.integer(100 * client + run)], until: soon())
            #expect(try sum.int(0, 0) == 100 * client + run + index + 1)
          } catch {
            Issue.record(error)
          }
        }
      }
    }
    if query != "" {
      let count = try pool.execute(
        "SELECT count(*) FROM pg_prepared_statements WHERE NOT from_sql", until: soon())
      #expect(try count.int(0, 0) == 0)
    }
  }

  @Test func deadlineHoldsForAPreparedOne() throws {
    let pool = try openPool(size: 1)
    let statement: Statement = "SELECT pg_sleep($1)"
    for _ in 0..<3 { try pool.execute(statement, [.integer(0)], until: soon()) }
    #expect(throws: PostgresError.timedOut) {
      try pool.execute(statement, [.integer(60)], until: .after(.milliseconds(100)))
    }
    try pool.execute(statement, [.integer(0)], until: soon())
  }
}
