// Connections to one server, kept for the next request.

internal import OpenSSL
internal import POSIX
internal import Synchronization

/// Keeps connections between requests: the latest first, none for longer than the limit.
final class KeptConnections: Sendable {
  private struct Idle: Sendable {
    let connection: HTTPConnection
    let since: ContinuousClock.Instant
  }

  private let maxCount: Int
  private let idleLimit: Duration
  /// The longest idle first.
  private let idle = Mutex<[Idle]>([])
  private let moved = Atomic(0)

  /// Bytes of bodies that were sent and received on these connections.
  var movedBytes: Int { moved.load(ordering: .relaxed) }

  func count(movedBytes count: Int) { moved.wrappingAdd(count, ordering: .relaxed) }

  init(maxCount: Int, idleLimit: Duration) {
    self.maxCount = maxCount
    self.idleLimit = idleLimit
  }

  /// A connection that is still usable, as far as can be told without using it: one that the peer
  /// has closed is readable.
  func take() -> HTTPConnection? {
    closeExpired()
    while let connection = idle.withLock({ $0.popLast()?.connection }) {
      if connection.isQuiet { return connection }
    }
    return nil
  }

  /// Keeps a connection on which the last answer was read to its end.
  func give(_ connection: HTTPConnection) {
    closeExpired()
    let surplus = idle.withLock { idle in
      idle.append(Idle(connection: connection, since: .now))
      return idle.count > maxCount ? idle.removeFirst().connection : nil
    }
    surplus?.sayGoodbye()
  }

  /// Closes what has waited for too long.
  func closeExpired() {
    let limit = ContinuousClock.now - idleLimit
    let expired = idle.withLock { idle in
      let expired = idle.prefix { $0.since <= limit }.map(\.connection)
      idle.removeFirst(expired.count)
      return expired
    }
    // Outside the lock: it is a system call.
    for connection in expired { connection.sayGoodbye() }
  }
}
