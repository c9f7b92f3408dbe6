// What a service manager is told, and what it asks for.

import Glibc
import POSIX
import SystemPackage
import TestSupport
import Testing

@Suite struct `The service manager` {
  @Test func `is told whole messages in their order`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path(of: "notify")
    let socket = try UnixSocket.bound(to: path, type: SOCK_DGRAM)
    let manager = try ServiceManager(["NOTIFY_SOCKET": path])
    manager.isReady()
    manager.isAlive()
    manager.isStopping(within: .seconds(70))
    #expect(try nextMessage(on: socket) == "READY=1")
    #expect(try nextMessage(on: socket) == "WATCHDOG=1")
    #expect(try nextMessage(on: socket) == "STOPPING=1\nEXTEND_TIMEOUT_USEC=70000000")
  }

  @Test(arguments: [[:], ["NOTIFY_SOCKET": ""]])
  func `may be nobody`(variables: [String: String]) throws {
    let manager = try ServiceManager(variables)
    manager.isReady()
    #expect(manager.watchdogTimeout == nil)
  }

  @Test(arguments: [
    ("/nonexistent/notify", Errno.noSuchFileOrDirectory),
    (String(repeating: "x", count: 200), .fileNameTooLong),
  ])
  func `that cannot be told is an error`(name: String, error: Errno) {
    #expect(throws: error) { _ = try ServiceManager(["NOTIFY_SOCKET": name]) }
  }

  @Test(arguments: [
    (["WATCHDOG_USEC": "30000000"], 30),
    (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "\(getpid())"], 30),
    (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"], nil),
    (["WATCHDOG_USEC": "0"], nil),
    (["WATCHDOG_USEC": "soon"], nil),
  ])
  func `asks this process for signs of life`(variables: [String: String], seconds: Int?) throws {
    #expect(try ServiceManager(variables).watchdogTimeout == seconds.map { .seconds($0) })
  }
}

private func nextMessage(on socket: borrowing UnixSocket) throws -> String {
  let number = socket.descriptor.number
  guard try wait(for: .readable, on: number, until: .after(.seconds(60))) else { return "" }
  var bytes = [UInt8](repeating: 0, count: 200)
  let count = try retrying { unsafe recv(number, &bytes, bytes.count, 0) }
  return String(decoding: bytes.prefix(count), as: UTF8.self)
}
