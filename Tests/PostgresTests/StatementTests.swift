// Statements, identifiers and codes as values.

import Testing

@testable import Postgres

@Suite struct StatementTests {
  @Test func identifiersAreInterpolatedQuoted() throws {
    let schema = try #require(QuotedIdentifier("my\"app"))
    let columns: Statement = "id, \"userId\""
    let statement: Statement = "SELECT \(columns) FROM \(schema).t WHERE id = $1"
    #expect(statement.text == "SELECT id, \"userId\" FROM \"my\"\"app\".t WHERE id = $1")
  }

  @Test(arguments: [
    ("", false), ("a\0b", false), (String(repeating: "x", count: 63), true),
    (String(repeating: "x", count: 64), false),
  ]) func identifiersOutsideTheLimitsAreRefused(name: String, isValid: Bool) {
    #expect((QuotedIdentifier(name) != nil) == isValid)
  }

  @Test(arguments: [("23505", true), ("2350", false), ("2350x", false), ("", false)])
  func codesHaveFiveDigitsOrLetters(code: String, isValid: Bool) {
    #expect((SQLState(rawValue: code) != nil) == isValid)
  }

  @Test func codesKnowTheirClass() {
    #expect(SQLState.foreignKeyViolation.classCode == "23")
    #expect(SQLState(rawValue: "08006")?.endsSession == true)
    #expect(SQLState.undefinedTable.endsSession == false)
  }
}

@Suite struct ConnectionFailureTests {
  static let messages: [(String, ConnectionFailure.Reason)] = [
    (
      "connection to server at \"127.0.0.1\", port 1 failed: Connection refused\n\tIs the server",
      .refused
    ),
    ("could not translate host name \"h\" to address: Name or service not known\n", .hostNotFound),
    (
      "connection to server at \"h\" (::1), port 1 failed: FATAL:  28P01: password of \"carla\"\n",
      .server(.invalidPassword)
    ),
    ("connection failed: ВАЖНО:  3D000: x\nLOCATION:  a, b.c:1\n", .server(.invalidDatabase)),
    ("a failed: FATAL:  28000: x\nb failed: FATAL:  53300: y\n", .server(.tooManyConnections)),
    (
      "connection to server on socket \"/x/.s\" failed: No such file or directory\n\tIs the server",
      .noSocket
    ),
    ("... failed: SSL error: certificate verify failed\n", .certificateRejected),
    (
      "server certificate for \"a\" does not match host name \"b\"\n", .certificateRejected
    ),
    ("... failed: server does not support SSL, but SSL was required\n", .tlsUnavailable),
    (
      "root certificate file \"/home/x\" does not exist\nEither provide the file or change",
      .certificateFile
    ),
    ("private key file \"k\" has group or world access\n", .certificateFile),
    (
      "invalid name \"/home/x\" of something\n",
      .other("invalid name \"...\" of something ")
    ),
    ("odd words about carla\n", .other("")),
    ("odd words about \"carla\"\n", .other("odd words about \"...\" ")),
  ]

  @Test(arguments: messages)
  func libpqsMessageIsClassified(message: String, reason: ConnectionFailure.Reason) {
    #expect(ConnectionFailure.Reason(message: message, secrets: ["carla", "hunter2"]) == reason)
  }

  static let passing: [(ConnectionFailure.Reason, Bool)] = [
    (.refused, true), (.unreachable, true), (.noSocket, true), (.hostNotFound, true),
    (.timedOut, true), (.closedByServer, true), (.other("odd"), true),
    (.server(.cannotConnectNow), true), (.server(.tooManyConnections), true),
    (.pooler(.noServer), true), (.pooler(.full), true), (.pooler(.shutdown), true),
    (.server(.invalidPassword), false), (.server(.invalidAuthorization), false),
    (.server(.invalidDatabase), false), (.server(.insufficientPrivilege), false),
    (.pooler(.noDatabase), false), (.pooler(.noUser), false), (.tlsUnavailable, false),
    (.certificateRejected, false), (.certificateFile, false),
  ]

  @Test(arguments: passing)
  func waitingMendsWhatIsNoNameOrPassword(reason: ConnectionFailure.Reason, passes: Bool) {
    let failure = ConnectionFailure(reason: reason, endpoint: "")
    #expect(PostgresError.connectionFailed(failure).mayComeToBe == passes)
  }

  @Test func secretWithAQuotationMarkWithholdsTheMessage() {
    let reason = ConnectionFailure.Reason(message: "user \"a\"b\" x", secrets: ["a\"b"])
    #expect(reason == .other(""))
  }
}
