// Accepting: one thread for each connection, and an end for all of them.

import Glibc
import POSIX
import Synchronization
import SystemPackage
import TestSupport
import Testing

private let patience: Duration = .seconds(60)

@Suite struct `Accepting` {
  @Test(arguments: [Duration.seconds(60), .milliseconds(1500), .milliseconds(500)])
  func `an accepted connection has its timeouts and is not passed on`(timeout: Duration) throws {
    let socket = try LoopbackSocket(listens: true)
    let port = socket.port
    let listener = try Listener.inherited(socket.release())
    let client = try connect(to: "127.0.0.1", port: port, until: .after(patience))
    let waiter = try listener.makeWaiter(stop: try Event())
    guard let connection = try listener.accept(waiter, timeout: timeout) else {
      Issue.record("nothing was accepted")
      return
    }
    let accepted = Accepted(connection)
    #expect(accepted.readTimeout == timeout)
    #expect(accepted.writeTimeout == timeout)
    #expect(accepted.isCloseOnExec)
    _ = consume client
  }

  @Test func `once the order to stop was given, a waiting connection is left to others`() throws {
    let socket = try LoopbackSocket(listens: true)
    let port = socket.port
    let listener = try Listener.inherited(socket.release())
    let client = try connect(to: "127.0.0.1", port: port, until: .after(patience))
    let stop = try Event()
    let waiter = try listener.makeWaiter(stop: stop)
    stop.signal()
    #expect(try listener.accept(waiter, timeout: patience) == nil)
    _ = consume client
  }

  @Test func `the order to stop wakes every waiting thread`() throws {
    let server = try Server(threads: 8)
    #expect(try server.allReady.wait(until: .after(patience)))
    server.stop.signal()
    #expect(try server.allEnded.wait(until: .after(patience)))
    #expect(server.ended == 8)
  }

  @Test func `each connection is accepted once, whoever takes it`() throws {
    let count = 200
    let server = try Server(threads: 8, expecting: count)
    for number in 0..<count {
      let client = try connect(to: "127.0.0.1", port: server.port, until: .after(patience))
      try client.writeAll([UInt8(number)].span)
      try client.closeWriting()
    }
    #expect(try server.allReceived.wait(until: .after(patience)))
    server.stop.signal()
    #expect(try server.allEnded.wait(until: .after(patience)))
    #expect(server.received.sorted() == (0..<count).map { [UInt8($0)] }.flatMap(\.self))
  }
}

/// What an accepted connection looks like.
private struct Accepted {
  let readTimeout: Duration
  let writeTimeout: Duration
  let isCloseOnExec: Bool

  init(_ connection: borrowing OwnedDescriptor) {
    let number = connection.number
    readTimeout = Accepted.timeout(SO_RCVTIMEO, of: number)
    writeTimeout = Accepted.timeout(SO_SNDTIMEO, of: number)
    isCloseOnExec = fcntl(number, F_GETFD) & FD_CLOEXEC != 0
  }

  private static func timeout(_ option: CInt, of number: CInt) -> Duration {
    var limit = timeval()
    var size = socklen_t(MemoryLayout<timeval>.size)
    unsafe getsockopt(number, SOL_SOCKET, option, &limit, &size)
    return .seconds(limit.tv_sec) + .microseconds(limit.tv_usec)
  }
}

/// Threads that accept connections and read one byte of each.
private final class Server: Sendable {
  let port: UInt16
  let stop: Event
  let allReady: Event
  let allReceived: Event
  let allEnded: Event

  private struct State {
    var ready = 0
    var ended = 0
    var received: [UInt8] = []
  }

  private let listener: Listener
  private let threads: Int
  private let expected: Int
  private let state = Mutex(State())

  var ended: Int { state.withLock { $0.ended } }
  var received: [UInt8] { state.withLock { $0.received } }

  init(threads: Int, expecting expected: Int = 0) throws {
    let socket = try LoopbackSocket(listens: true)
    port = socket.port
    listener = try Listener.inherited(socket.release())
    stop = try Event()
    allReady = try Event()
    allReceived = try Event()
    allEnded = try Event()
    self.threads = threads
    self.expected = expected
    // Not joined: a thread that is never woken must not hang the test.
    for _ in 0..<threads { _ = try Thread.start(name: "acceptor") { self.work() } }
  }

  private func work() {
    defer {
      let ended = state.withLock { state in
        state.ended += 1
        return state.ended
      }
      if ended == threads { allEnded.signal() }
    }
    guard let waiter = try? listener.makeWaiter(stop: stop) else { return }
    let ready = state.withLock { state in
      state.ready += 1
      return state.ready
    }
    if ready == threads { allReady.signal() }
    // Any error ends the thread too early, and then bytes are missing.
    while let bytes = try? next(waiter) {
      let received = state.withLock { state in
        state.received += bytes
        return state.received.count
      }
      if received == expected { allReceived.signal() }
    }
  }

  private func next(_ waiter: AcceptWaiter) throws -> [UInt8]? {
    guard let connection = try listener.accept(waiter, timeout: patience) else { return nil }
    return try connection.readToEnd()
  }

}
