// The programs that tests start, and what they hold of the tests'.

import POSIX
import TestSupport
import Testing

@Suite struct `A program that a test starts` {
  /// One that held it would keep the peers of every other test waiting for its end.
  @Test func `keeps nothing open that the tests have open`() throws {
    let listener = try LoopbackListener()
    let client = try connectToLoopback(port: listener.port)
    guard let server = try listener.accept(until: .after(.seconds(60))) else {
      Issue.record("nobody came")
      return
    }
    let program = try TLSPeer(script: "[[]]")
    close(server)
    // It is not the program's end that ends the connection.
    let ended = try withExtendedLifetime(program) {
      try wait(for: .readable, on: client.number, until: .after(.seconds(60)))
    }
    #expect(ended)
  }

  private func close(_ descriptor: consuming OwnedDescriptor) {}
}
