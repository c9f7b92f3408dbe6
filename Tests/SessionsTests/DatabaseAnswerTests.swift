// What the database may answer besides what is expected of it.

import Gateway
import POSIX
import Testing

@testable import Postgres
@testable import Sessions

@Suite struct `A statement that the database refuses` {
  @Test(arguments: [
    // Connections, logins and rights.
    ("08000", 503), ("08003", 503), ("08006", 503), ("08P01", 503), ("28000", 503),
    ("28P01", 503), ("3D000", 503), ("3F000", 503), ("42501", 503),
    // Time, locks, serialisation, termination.
    ("25006", 503), ("25P03", 503), ("25P04", 503), ("40001", 503), ("40P01", 503),
    ("40000", 503), ("55006", 503), ("55P03", 503), ("57014", 503), ("57P01", 503),
    ("57P02", 503), ("57P03", 503), ("57P04", 503), ("57P05", 503), ("72000", 503),
    // No room.
    ("53000", 503), ("53100", 503), ("53200", 503), ("53300", 503), ("53400", 503),
    ("58030", 503),
    // Faults of ours, or of what the app's tables have become.
    ("22003", 500), ("22P02", 500), ("23502", 500), ("23505", 500), ("25P02", 500),
    ("42601", 500), ("42703", 500), ("42P01", 500), ("42883", 500), ("54000", 500),
    ("55000", 500), ("58P01", 500), ("P0001", 500), ("XX000", 500), ("XX001", 500),
  ])
  func `is told as passing or as a fault, by its code`(code: String, status: Int) throws {
    let state = try #require(SQLState(rawValue: code))
    let failure = StatementFailure(state: state, severity: "ERROR", constraint: nil, message: nil)
    let response = RequestFailure(PostgresError.statement(failure)).refusal.response
    #expect(response.status == status)
    #expect(response.headers.contains { $0.0 == "Retry-After" } == (status == 503))
  }

  @Test func `and ends the session is told as passing whatever its code`() throws {
    let state = try #require(SQLState(rawValue: "XX000"))
    let failure = StatementFailure(state: state, severity: "FATAL", constraint: nil, message: nil)
    #expect(RequestFailure(PostgresError.statement(failure)).refusal == .databaseUnavailable)
  }

  @Test(arguments: [
    PostgresError.unexpectedShape, .resultTooLarge, .unexpectedNull(column: 0),
    .malformedValue(column: 0), .unexpectedCopy,
  ])
  func `or answers strangely is a fault of that request`(error: PostgresError) {
    #expect(RequestFailure(error).refusal == .internalError)
  }
}

@Suite struct `An answer of another shape` {
  /// A database whose `begin_upload` is another one.
  private func database(_ body: Statement, seconds: String = "0") throws -> TestDatabase {
    let database = try TestDatabase()
    try database.migrate()
    try database.execute("CREATE TABLE told (seconds integer)")
    try database.pool.execute("INSERT INTO told VALUES ($1)", [.text(seconds)], until: soon())
    let types: Statement = """
      text, text, text, text, text, text, integer, text, text, text, text, integer, integer
      """
    try database.execute("DROP FUNCTION sessions_fcgi.begin_upload(\(types))")
    try database.execute(
      """
      CREATE FUNCTION sessions_fcgi.begin_upload(\(types)) RETURNS TABLE (\(Self.columns))
      LANGUAGE sql AS $$ \(body) $$
      """)
    return database
  }

  private static let columns: Statement = """
    outcome text, session_id text, object_key text, created_at timestamp, retry_after integer
    """

  @Test func `without a row is an error`() throws {
    let database = try database(
      "SELECT 'begun', 's', 'k', now()::timestamp, 1 WHERE false")
    #expect(throws: PostgresError.unexpectedShape) { try database.begin("s") }
  }

  @Test func `with NULLs is an error`() throws {
    let database = try database(
      "SELECT 'limited', NULL, NULL, NULL::timestamp, NULL::integer")
    #expect(throws: PostgresError.unexpectedNull(column: 4)) { try database.begin("s") }
  }

  @Test(arguments: [("-5", 1), ("0", 1), ("7", 7), ("2147483647", 86_400)])
  func `with another time to wait is told within bounds`(seconds: String, told: Int) throws {
    let database = try database(
      "SELECT 'limited', NULL, NULL, NULL::timestamp, seconds FROM told", seconds: seconds)
    #expect(try database.begin("s") == .limited(retryAfterSeconds: told))
  }
}
