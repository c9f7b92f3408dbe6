// Statements on a real server: parameters, rows, errors, transactions.

import POSIX
import TestSupport
import Testing

@testable import Postgres

@Suite struct ConnectionTests {
  @Test func parametersArriveAsTheyAreWhateverTheyHold() throws {
    var connection = try openConnection()
    let values = [
      "", "'; DROP TABLE users; --", "$1", "\\x00", "é€😀", "a\"b\n",
      String(repeating: "x", count: 70_000),
    ]
    for value in values {
      let result = try connection.execute(
        "SELECT $1::text, length($1::text)", [.text(value)], until: soon())
      #expect(try result.text(0, 0) == value)
      #expect(try result.int(0, 1) == value.unicodeScalars.count)
    }
  }

  @Test(arguments: [0, 1, -1, 9, 10, .max, .min])
  func integersPassUnchanged(_ value: Int64) throws {
    var connection = try openConnection()
    let result = try connection.execute("SELECT $1::int8", [.integer(value)], until: soon())
    #expect(try result.int64(0, 0) == value)
  }

  @Test func everyTypeAndNullPass() throws {
    var connection = try openConnection()
    let result = try connection.execute(
      "SELECT $1::text, $2::int4, $3::bool, $4::bool, encode($5::bytea, 'hex'), $6::text, NULL",
      [
        .text(optional: nil), .integer(7), .boolean(true), .boolean(false), .binary([0, 255]),
        .null,
      ],
      until: soon())
    #expect(result.rowCount == 1 && result.columnCount == 7)
    #expect(try result.isNull(0, 0) && result.isNull(0, 5) && !result.isNull(0, 1))
    #expect(try result.optionalText(0, 0) == nil)
    #expect(try result.optionalInt(0, 6) == nil)
    #expect(try result.optionalBool(0, 6) == nil)
    #expect(try result.optionalInt(0, 1) == 7)
    #expect(try result.bool(0, 2))
    #expect(try result.bool(0, 3) == false)
    #expect(try result.text(0, 4) == "00ff")
    #expect(try result.withBytes(0, 1) { $0.count == 1 && $0[0] == UInt8(ascii: "7") })
  }

  @Test func valuesOfAnotherKindAreErrors() throws {
    var connection = try openConnection()
    let result = try connection.execute(
      "SELECT NULL, 'x', '1.5', '9223372036854775808', '', '-', 'true'", until: soon())
    #expect(throws: PostgresError.unexpectedNull(column: 0)) { try result.text(0, 0) }
    for column in 1...5 {
      #expect(throws: PostgresError.malformedValue(column: column)) { try result.int(0, column) }
    }
    #expect(throws: PostgresError.malformedValue(column: 6)) { try result.bool(0, 6) }
  }

  /// A real server never sends it to a client that asked for UTF-8, so a pretended one does.
  @Test func badUTF8FromTheServerIsAnErrorAndNotRepaired() throws {
    let listener = try LoopbackListener()
    let port = listener.port
    let server = try Thread.start(name: "server") {
      guard let socket = try? listener.accept(until: soon()) else { return }
      let letIn: [UInt8] = Array("R".utf8) + [0, 0, 0, 8, 0, 0, 0, 0]
      let ready: [UInt8] = Array("Z".utf8) + [0, 0, 0, 5] + Array("I".utf8)
      // Parse and bind complete; one text column "a"; one row with FF 41; command complete.
      let bound: [UInt8] = Array("1".utf8) + [0, 0, 0, 4] + Array("2".utf8) + [0, 0, 0, 4]
      let columns: [UInt8] =
        Array("T".utf8) + [0, 0, 0, 26, 0, 1, 97, 0, 0, 0, 0, 0, 0, 0]
        + [0, 0, 0, 25, 255, 255, 255, 255, 255, 255, 0, 0]
      let row: [UInt8] = Array("D".utf8) + [0, 0, 0, 12, 0, 1, 0, 0, 0, 2, 0xFF, 0x41]
      let complete: [UInt8] = Array("C".utf8) + [0, 0, 0, 13] + Array("SELECT 1\0".utf8)
      for answer in [letIn + ready, bound + columns + row + complete + ready] {
        guard (try? wait(for: .readable, on: socket.number, until: soon())) == true else { return }
        var buffer = [UInt8](repeating: 0, count: 4096)
        _ = try? unsafe buffer.withUnsafeMutableBytes { unsafe try socket.read(into: $0) }
        try? socket.writeAll(answer.span)
      }
    }
    let url = try databaseURL("postgres://u@127.0.0.1:\(port)/d?sslmode=disable")
    var connection = try Connection.open(url, until: soon())
    let result = try connection.execute("SELECT a", until: soon())
    server.join()
    #expect(throws: PostgresError.malformedValue(column: 0)) { try result.text(0, 0) }
    #expect(try result.withBytes(0, 0) { $0.count == 2 && $0[0] == 0xFF })
  }

  @Test func nulInTextIsRefusedBeforeItIsSent() throws {
    var connection = try openConnection()
    #expect(throws: PostgresError.nulInParameter(2)) {
      try connection.execute("SELECT $1, $2", [.null, .text("a\0b")], until: soon())
    }
    #expect(connection.isIdle == true)
  }

  @Test func violationNamesItsConstraintAndNotItsValue() throws {
    var connection = try openConnection()
    try connection.executeScript(
      "CREATE TEMP TABLE u (email text CONSTRAINT only_once UNIQUE)", until: soon())
    let insert: Statement = "INSERT INTO u VALUES ($1)"
    _ = try connection.execute(insert, [.text("carla@example.org")], until: soon())
    let error = #expect(throws: PostgresError.self) {
      try connection.execute(insert, [.text("carla@example.org")], until: soon())
    }
    #expect(error?.state == SQLState(rawValue: "23505"))
    #expect(error.map { "\($0)" }?.contains("only_once") == true)
    #expect(error.map { "\($0) \(String(reflecting: $0))" }?.contains("carla") == false)
  }

  @Test func messageThatQuotesAValueIsLeftOut() throws {
    var connection = try openConnection()
    let error = #expect(throws: PostgresError.self) {
      try connection.execute("SELECT $1::int4", [.text("hunter2")], until: soon())
    }
    #expect(error?.state == SQLState(rawValue: "22P02"))
    #expect(error.map { "\($0) \(String(reflecting: $0))" }?.contains("hunter2") == false)
    #expect(connection.isIdle == true)
  }

  @Test func faultOfTheSchemaKeepsItsMessage() throws {
    var connection = try openConnection()
    let error = #expect(throws: PostgresError.self) {
      try connection.execute("SELECT 1 FROM no_such_table", until: soon())
    }
    #expect(error?.state == .undefinedTable && error?.isUnavailable == false)
    #expect(error.map { "\($0)" }?.contains("no_such_table") == true)
  }

  @Test func scriptRunsAllOrNothing() throws {
    var connection = try openConnection()
    #expect(throws: PostgresError.self) {
      try connection.executeScript(
        "CREATE TABLE half (n int); SELECT 1/0; CREATE TABLE other (n int)", until: soon())
    }
    let left = try connection.execute("SELECT to_regclass('half') IS NULL", until: soon())
    #expect(try left.bool(0, 0))
  }

  @Test func scriptHoldsAnAdvisoryLockAndItsTransaction() throws {
    var connection = try openConnection()
    try connection.executeScript(
      "BEGIN; SELECT pg_advisory_xact_lock(5); CREATE TEMP TABLE x (n int); COMMIT", until: soon())
    #expect(connection.isIdle == true)
    #expect(throws: PostgresError.self) {
      try connection.executeScript("BEGIN; SELECT 1/0; COMMIT", until: soon())
    }
    #expect(connection.isIdle == false)
  }

  @Test func copyIsRefusedAndSpoilsTheConnection() throws {
    var connection = try openConnection()
    #expect(throws: PostgresError.unexpectedCopy) {
      try connection.executeScript("COPY (SELECT 1) TO STDOUT", until: soon())
    }
    #expect(connection.isIdle == false)
  }

  @Test func emptyStatementHasNoRows() throws {
    var connection = try openConnection()
    #expect(try connection.execute("", until: soon()).rowCount == 0)
  }

  @Test func sessionIsUTF8AndNamedWithoutAnyRoundTrip() throws {
    var connection = try openConnection("?client_encoding=LATIN1")
    let result = try connection.execute(
      "SELECT current_setting('client_encoding'), current_setting('application_name')",
      until: soon())
    #expect(try result.text(0, 0) == "UTF8")
    #expect(try result.text(0, 1) == "sessions-fcgi")
  }
}
