// Connecting, and giving up.

import POSIX
import SystemPackage
import TestSupport
import Testing

/// Why the connection failed; nil if it did not.
private func failure(_ host: String, port: UInt16, within limit: Duration) -> ConnectError? {
  do throws(ConnectError) {
    _ = try connect(to: host, port: port, until: .after(limit))
    return nil
  } catch {
    return error
  }
}

@Suite struct `Connecting` {
  @Test(arguments: ["127.0.0.1", "localhost"])
  func `reaches addresses and names`(host: String) throws {
    let peer = try TLSPeer(script: #"[[["raw"]]]"#)
    #expect(failure(host, port: peer.port, within: .seconds(60)) == nil)
  }

  @Test(arguments: ["127.0.0.1", "localhost"])
  func `says when nobody listens`(host: String) {
    #expect(failure(host, port: 1, within: .seconds(60)) == .refused(.connectionRefused))
  }

  @Test func `says when a name has no address`() {
    guard case .unresolved = failure("no name", port: 1, within: .seconds(60)) else {
      Issue.record("a name with a space in it has an address")
      return
    }
  }

  @Test(arguments: ["127.0.0.1", "localhost"])
  func `waits for nothing after the deadline, the resolver included`(host: String) throws {
    let peer = try TLSPeer(script: #"[[["raw"]]]"#)
    #expect(failure(host, port: peer.port, within: .zero) == .timedOut)
  }

  /// Calls that need a descriptor: the socket; the look-up's flag; and whatever the resolver needs,
  /// which only says that there is no such name.
  @Test(
    arguments: [("127.0.0.1", 0), ("localhost", 0), ("no name", 2)],
    [Errno.tooManyOpenFiles, .tooManyOpenFilesInSystem])
  func `says when no descriptor is left`(at: (host: String, calls: Int), error: Errno) {
    let injection = FaultInjection(error, afterCalls: at.calls)
    FaultInjection.$current.withValue(injection) {
      #expect(failure(at.host, port: 1, within: .seconds(60)) == .noDescriptor(error))
    }
    #expect(injection.isSpent)
  }

  @Test func `puts no name into its descriptions`() {
    #expect(
      ConnectError.unresolved(code: -2).description
        == "the host's name cannot be resolved: Name or service not known")
    #expect(
      ConnectError.noDescriptor(.tooManyOpenFiles).description
        == "no file descriptor is left: Too many open files")
  }
}
