// Servers that go silent in the middle of a statement.

import Glibc
import POSIX
import TestSupport
import Testing

@testable import Postgres

@Suite struct DeadlineTests {
  @Test func frozenBackendEndsByOurDeadlineAndIsNotTrustedAgain() throws {
    var connection = try openConnection()
    let process = pid_t(try backend(of: &connection))
    #expect(kill(process, SIGSTOP) == 0)
    defer { kill(process, SIGCONT) }
    #expect(throws: PostgresError.timedOut) {
      try connection.execute("SELECT 1", until: .after(.milliseconds(50)))
    }
    #expect(connection.isIdle == false)
    #expect(throws: PostgresError.connectionLost) {
      try connection.execute("SELECT 2", until: soon())
    }
    // Nor does a statement that is too large for the socket's buffers wait, nor the farewell.
    connection.close()
  }

  @Test func largeStatementToAFrozenBackendEndsByOurDeadline() throws {
    var connection = try openConnection()
    let process = pid_t(try backend(of: &connection))
    #expect(kill(process, SIGSTOP) == 0)
    defer { kill(process, SIGCONT) }
    let large = String(repeating: "x", count: 32 << 20)
    #expect(throws: PostgresError.timedOut) {
      try connection.execute("SELECT length($1)", [.text(large)], until: .after(.milliseconds(50)))
    }
    connection.close()
  }

  @Test func socketTimeoutBoundsEveryStatement() throws {
    var connection = try openConnection("?socket_timeout=1")
    #expect(throws: PostgresError.timedOut) {
      try connection.execute("SELECT pg_sleep(15)", until: soon())
    }
  }

  @Test func serversOwnTimeoutLeavesTheConnectionUsable() throws {
    var connection = try openConnection("?options=-c%20statement_timeout%3D50")
    let error = #expect(throws: PostgresError.self) {
      try connection.execute("SELECT pg_sleep(15)", until: soon())
    }
    #expect(error?.state == .queryCanceled && error?.isUnavailable == true)
    #expect(try connection.execute("SELECT 1", until: soon()).int(0, 0) == 1)
  }

  @Test func pastDeadlineSendsNothingThatIsWaitedFor() throws {
    var connection = try openConnection()
    #expect(throws: PostgresError.timedOut) {
      try connection.execute("SELECT pg_sleep(15)", until: .after(.zero))
    }
  }
}
