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
    let connections = try ConnectionSet(
      listener: try Listener.inherited(socket.release()), timeout: timeout)
    let client = try connect(to: "127.0.0.1", port: port, until: .after(patience))
    guard let connection = try connections.next() else {
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
    let connections = try ConnectionSet(
      listener: try Listener.inherited(socket.release()), timeout: patience)
    let client = try connect(to: "127.0.0.1", port: port, until: .after(patience))
    connections.stop(until: .after(patience))
    #expect(try connections.next() == nil)
    _ = consume client
  }

  @Test func `the order to stop wakes every waiting thread`() throws {
    let server = try Server(threads: 8)
    #expect(try server.allReady.wait(until: .after(patience)))
    server.connections.stop(until: .after(patience))
    #expect(try server.allEnded.wait(until: .after(patience)))
    #expect(server.ended == 8)
  }

  @Test func `each connection is accepted once, whoever takes it`() throws {
    let count = 200
    let server = try Server(threads: 8, expecting: count)
    for number in 0..<count {
      let client = try connect(to: "127.0.0.1", port: server.port, until: .after(patience))
      try client.writeAll([UInt8(number)].span)
    }
    #expect(try server.allReceived.wait(until: .after(patience)))
    server.connections.stop(until: .after(patience))
    #expect(try server.allEnded.wait(until: .after(patience)))
    #expect(server.received.sorted() == (0..<count).map { UInt8($0) })
  }
}

@Suite struct `Keeping connections` {
  @Test func `a kept connection is given out when something comes, and as often as it is kept`()
    throws
  {
    let socket = try LoopbackSocket(listens: true)
    let port = socket.port
    let connections = try ConnectionSet(
      listener: try Listener.inherited(socket.release()), timeout: patience)
    let client = try connect(to: "127.0.0.1", port: port, until: .after(patience))
    for round in 0..<5 as Range<UInt8> {
      try client.writeAll([round].span)
      let connection = try #require(try next(connections))
      #expect(try readByte(connection) == round)
      connections.keep(OwnedDescriptor(owning: connection))
    }
  }

  @Test func `one that its peer has closed is given out, to be closed`() throws {
    let pair = try SocketPair()
    let connections = try makeSet()
    connections.keep(try pair.near.duplicate(notBelow: 0))
    try pair.far.closeWriting()
    let connection = try #require(try next(connections))
    #expect(try readByte(connection) == nil)
    close(connection)
  }

  @Test func `few threads serve many connections, each byte once and none starved`() throws {
    let server = try Server(threads: 2, expecting: 400)
    let port = server.port
    let clients = try (0..<8).map { _ in
      Owner(try connect(to: "127.0.0.1", port: port, until: .after(patience)))
    }
    for round in 0..<50 as Range<UInt8> {
      for client in clients { try client.descriptor.writeAll([round].span) }
    }
    #expect(try server.allReceived.wait(until: .after(patience)))
    #expect(server.received.sorted() == (0..<50).flatMap { [UInt8](repeating: $0, count: 8) })
    clients.forEach { try? $0.descriptor.closeWriting() }
    server.connections.stop(until: .after(patience))
    #expect(try server.allEnded.wait(until: .after(patience)))
  }

  @Test(arguments: [true, false])
  func `after the order to stop what comes on kept ones is given out`(isKeptBefore: Bool) throws {
    let pair = try SocketPair()
    let connections = try makeSet()
    let near = try pair.near.duplicate(notBelow: 0)
    if isKeptBefore {
      connections.keep(near)
      connections.stop(until: .after(patience))
    } else {
      connections.stop(until: .after(patience))
      connections.keep(near)
    }
    try pair.far.writeAll([7].span)
    let connection = try #require(try next(connections))
    #expect(try readByte(connection) == 7)
    // While a thread works on it, nobody else waits for it.
    #expect(try next(connections) == nil)
    close(connection)
  }

  @Test func `once their time has passed idle ones are closed, and none is kept`() throws {
    let first = try makeSocketPair(.stream)
    let second = try makeSocketPair(.stream)
    let connections = try makeSet()
    connections.keep(OwnedDescriptor(owning: first.near))
    connections.stop(until: .after(.zero))
    #expect(try next(connections) == nil)
    connections.keep(OwnedDescriptor(owning: second.near))
    for far in [first.far, second.far] {
      let far = OwnedDescriptor(owning: far)
      try far.limitWaiting(to: .seconds(60))
      #expect(try far.readToEnd() == [])
    }
  }

  @Test func `idle ones are closed with the set`() throws {
    let pair = try makeSocketPair(.stream)
    do {
      let connections = try makeSet()
      connections.keep(OwnedDescriptor(owning: pair.near))
    }
    let far = OwnedDescriptor(owning: pair.far)
    try far.limitWaiting(to: .seconds(60))
    #expect(try far.readToEnd() == [])
  }

  private func makeSet() throws -> ConnectionSet {
    let socket = try LoopbackSocket(listens: true)
    return try ConnectionSet(
      listener: try Listener.inherited(socket.release()), timeout: patience)
  }

  private func next(_ connections: ConnectionSet) throws -> CInt? {
    guard let connection = try connections.next() else { return nil }
    return connection.release()
  }

  private func readByte(_ number: CInt) throws -> UInt8? {
    var byte: UInt8 = 0
    return try retrying { unsafe read(number, &byte, 1) } == 1 ? byte : nil
  }
}

private final class Owner: Sendable {
  let descriptor: OwnedDescriptor
  init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }
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

/// Threads that read a byte whenever one comes, and keep the connection.
private final class Server: Sendable {
  let port: UInt16
  let connections: ConnectionSet
  let allReady: Event
  let allReceived: Event
  let allEnded: Event

  private struct State {
    var ready = 0
    var ended = 0
    var received: [UInt8] = []
  }

  private let threads: Int
  private let expected: Int
  private let state = Mutex(State())

  var ended: Int { state.withLock { $0.ended } }
  var received: [UInt8] { state.withLock { $0.received } }

  init(threads: Int, expecting expected: Int = 0) throws {
    let socket = try LoopbackSocket(listens: true)
    port = socket.port
    connections = try ConnectionSet(
      listener: try Listener.inherited(socket.release()), timeout: patience)
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
    let ready = state.withLock { state in
      state.ready += 1
      return state.ready
    }
    if ready == threads { allReady.signal() }
    // Any error ends the thread too early, and then bytes are missing.
    while (try? serveNext()) == true {}
  }

  private func serveNext() throws -> Bool {
    guard let connection = try connections.next() else { return false }
    var byte: UInt8 = 0
    let number = connection.number
    guard try retrying({ unsafe read(number, &byte, 1) }) == 1 else { return true }
    let received = state.withLock { state in
      state.received.append(byte)
      return state.received.count
    }
    connections.keep(connection)
    if received == expected { allReceived.signal() }
    return true
  }
}
