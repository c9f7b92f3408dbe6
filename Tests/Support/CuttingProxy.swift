// A peer that breaks connections at a chosen byte.

internal import Glibc
internal import POSIX
internal import Synchronization
internal import SystemPackage

/// Passes TCP connections on to another port of 127.0.0.1, and cuts each once a number of bytes
/// has come back from there. It runs until it is stopped.
package final class CuttingProxy: Sendable {
  package let port: Int
  /// How many connections were taken so far.
  package var connectionCount: Int { accepted.withLock { $0 } }

  private let accepted = Mutex(0)
  private let limit: Mutex<Int>
  private let listener: LoopbackListener
  private let upstream: Int
  private let stop: Event

  /// - Parameter limit: how many bytes of the answers pass; 0 cuts as soon as there is a peer.
  package init(to upstream: Int, limit: Int = .max) throws {
    listener = try LoopbackListener()
    port = listener.port
    self.upstream = upstream
    self.limit = Mutex(limit)
    stop = try Event()
  }

  /// Changes the limit, of open connections too.
  package func cut(after bytes: Int) { limit.withLock { $0 = bytes } }

  /// Passes connections on while `body` runs.
  package func run<Value>(_ body: () throws -> Value) throws -> Value {
    let worker = try POSIX.Thread.start(name: "proxy") { self.serve() }
    let result = Result { try body() }
    stop.signal()
    worker.join()
    return try result.get()
  }

  /// One thread serves all connections: it polls them in turn, every few milliseconds at least.
  private func serve() {
    var connections: [Relay] = []
    while (try? stop.wait(until: .after(.zero))) == false {
      if let client = try? listener.accept(until: .after(.milliseconds(2))),
        let server = try? connectToLoopback(port: upstream)
      {
        accepted.withLock { $0 += 1 }
        connections.append(Relay(client, server))
      }
      let limit = limit.withLock { $0 }
      connections.removeAll { !$0.pump(limit: limit) }
    }
  }
}

/// One connection through the proxy; both its sockets are closed with it.
private final class Relay {
  private let client: OwnedDescriptor
  private let server: OwnedDescriptor
  private var answered = 0
  private var buffer = [UInt8](repeating: 0, count: 65536)

  init(_ client: consuming OwnedDescriptor, _ server: consuming OwnedDescriptor) {
    self.client = client
    self.server = server
  }

  /// Passes on what has arrived. Returns false once the connection is over.
  func pump(limit: Int) -> Bool {
    guard answered < limit else { return false }
    do {
      while try wait(for: .readable, on: client.number, until: .after(.zero)) {
        let count = try read(from: client.number, atMost: buffer.count)
        if count == 0 { return false }
        try send(count, to: server.number)
      }
      while try wait(for: .readable, on: server.number, until: .after(.zero)) {
        let count = try read(from: server.number, atMost: min(buffer.count, limit - answered))
        if count == 0 { return false }
        try send(count, to: client.number)
        answered += count
        if answered >= limit { return false }
      }
      return true
    } catch {
      return false
    }
  }

  /// Sends the first `count` bytes of the buffer, without the signal a closed peer would bring.
  private func send(_ count: Int, to descriptor: CInt) throws(Errno) {
    var rest = buffer[..<count]
    while !rest.isEmpty {
      let sent = unsafe rest.withUnsafeBytes { bytes in
        unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL))
      }
      guard sent > 0 else { throw Errno(rawValue: errno) }
      rest = rest.dropFirst(sent)
    }
  }

  private func read(from descriptor: CInt, atMost count: Int) throws(Errno) -> Int {
    try retrying { unsafe Glibc.read(descriptor, &buffer, count) }
  }
}
