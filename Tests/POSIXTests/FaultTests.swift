// What the wrappers of C calls make of a failure, whichever of their calls it meets.

import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import POSIX

/// A wrapper, ready to be called. It is made anew for each fault.
private struct Wrapper: CustomTestStringConvertible, Sendable {
  let testDescription: String
  /// Makes what the wrapper needs, and gives back the call.
  let prepare: @Sendable () throws -> () throws -> Void
  /// Whether an error tells of the failure that was injected.
  var tells: @Sendable (any Error, Errno) -> Bool = { $0 as? Errno == $1 }

  init(_ name: String, _ prepare: @escaping @Sendable () throws -> () throws -> Void) {
    testDescription = name
    self.prepare = prepare
  }

  init(listening name: String, _ prepare: @escaping @Sendable () throws -> () throws -> Void) {
    self.init(name, prepare)
    tells = { $0 as? ListenError == .failed($1) || $0 as? ListenError == .unknown($1) }
  }
}

private let wrappers = [
  Wrapper("read") {
    let pair = try SocketPair()
    try pair.far.writeAll([1].span)
    return {
      var buffer: [UInt8] = [0]
      let count = try unsafe buffer.withUnsafeMutableBytes { try unsafe pair.near.read(into: $0) }
      try #require(count == 1 && buffer == [1])
    }
  },
  Wrapper("pread") {
    let file = try OwnedDescriptor.temporaryFile(in: "/tmp")
    try file.writeAll([1, 2].span)
    let owner = Owner(file)
    return {
      var buffer: [UInt8] = [0]
      let count = try unsafe buffer.withUnsafeMutableBytes {
        try unsafe owner.descriptor.read(at: 1, into: $0)
      }
      try #require(count == 1 && buffer == [2])
    }
  },
  Wrapper("write") {
    let pair = try SocketPair()
    return { try pair.near.writeAll([1, 2, 3].span) }
  },
  Wrapper("pwrite") {
    let owner = Owner(try OwnedDescriptor.temporaryFile(in: "/tmp"))
    return { try owner.descriptor.writeAll([1, 2, 3].span, at: 4) }
  },
  Wrapper("temporary file") { { _ = try OwnedDescriptor.temporaryFile(in: "/tmp") } },
  Wrapper("memory-backed directory") { { try #require(try isMemoryBacked("/dev/shm")) } },
  Wrapper("event") { { _ = try Event() } },
  Wrapper("clearing an event") {
    let owner = try EventOwner()
    owner.event.signal()
    return {
      try owner.event.clear()
      try #require(try !owner.event.wait(until: .after(.zero)))
    }
  },
  Wrapper("waiting") {
    let pair = try SocketPair()
    return { try #require(try wait(for: .writable, on: pair.near.number, until: .after(.zero))) }
  },
  Wrapper("socket timeouts") {
    let pair = try SocketPair()
    return { try setSocketTimeouts(of: pair.near.number, to: .seconds(1)) }
  },
  Wrapper("a listener that was inherited") {
    let socket = try LoopbackSocket(listens: true).release()
    return { _ = try Listener.inherited(socket) }
  },
  Wrapper("a set of connections, and accepting") {
    let socket = try LoopbackSocket(listens: true)
    let port = socket.port
    let listening = Owner(OwnedDescriptor(owning: socket.release()))
    let client = Owner(try connect(to: "127.0.0.1", port: port, until: .after(.seconds(60))))
    return {
      let number = fcntl(listening.descriptor.number, F_DUPFD_CLOEXEC, 0)
      let listener = try Listener.inherited(number)
      let connections = try ConnectionSet(listener: listener, timeout: .seconds(1))
      let isAccepted = try connections.next() != nil
      try #require(isAccepted)
      _ = client
    }
  },
  Wrapper(listening: "a TCP listener") {
    { _ = try Listener.open(.tcp(host: "127.0.0.1", port: 0, beyondLoopback: false)) }
  },
  Wrapper(listening: "a Unix listener") {
    let directory = try TemporaryDirectory()
    let path = directory.path(of: "socket")
    return {
      _ = try Listener.open(.unix(path: path, mode: 0o600, group: nil))
      _ = directory
    }
  },
]

@Suite struct `Wrappers of C calls` {
  /// More calls than any wrapper makes.
  private static let maxCalls = 50

  @Test(arguments: wrappers)
  private func `an interrupted call is made again, whichever it is`(wrapper: Wrapper) throws {
    try eachCall(of: wrapper, failsWith: .interrupted) { result, _ in try result.get() }
  }

  @Test(arguments: wrappers)
  private func `a failure is told as it is, whichever call it is of`(wrapper: Wrapper) throws {
    try eachCall(of: wrapper, failsWith: .ioError) { result, call in
      switch result {
      case .success: Issue.record("call \(call) failed and nobody was told")
      case .failure(let error):
        #expect(wrapper.tells(error, .ioError), "call \(call): \(error)")
      }
    }
  }

  /// Has the first call fail, then only the second, and so on until there is none left.
  private func eachCall(
    of wrapper: Wrapper, failsWith error: Errno,
    _ judge: (Result<Void, any Error>, Int) throws -> Void
  ) throws {
    for call in 0..<Self.maxCalls {
      let body = try wrapper.prepare()
      let injection = FaultInjection(error, afterCalls: call)
      let result = FaultInjection.$current.withValue(injection) { Result { try body() } }
      guard injection.isSpent else {
        try result.get()
        #expect(call > 0, "no call was made")
        return
      }
      try judge(result, call)
    }
    Issue.record("there is no end to the calls")
  }

  @Test func `a kernel that cannot wait does not end a loop, and does not let it spin`() throws {
    let event = try Event()
    let start = ContinuousClock.now
    let isRaised = FaultInjection.$current.withValue(FaultInjection(.noMemory)) {
      event.wait(atMost: .milliseconds(20))
    }
    #expect(!isRaised)
    #expect(start.duration(to: .now) >= .milliseconds(20))
    event.signal()
    let isRaisedNow = event.wait(atMost: .zero)
    #expect(isRaisedNow)
  }
}

private final class Owner: Sendable {
  let descriptor: OwnedDescriptor
  init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }
}

private final class EventOwner: Sendable {
  let event: Event
  init() throws { event = try Event() }
}
