// Requests that wait for a place at storage without holding a thread.

internal import Gateway
internal import Synchronization

/// A line of requests whose heads have been read. What of their bodies has come lies in the
/// kernel's buffers and with the web server.
final class ParkedRequests: Sendable {
  /// A request in line. @unchecked Sendable: only its owner, who took it out of the line, touches
  /// it; the line's lock hands it from one thread to the next, so it is never in two hands.
  final class Request: @unchecked Sendable {
    var exchange: FastCGIExchange
    let since: ContinuousClock.Instant

    init(_ exchange: consuming FastCGIExchange, since: ContinuousClock.Instant) {
      self.exchange = exchange
      self.since = since
    }
  }

  /// Each holds some 20 KiB and a descriptor.
  private static let maxCount = 256
  private let line = Mutex<[Request]>([])

  var isEmpty: Bool { line.withLock(\.isEmpty) }
  var count: Int { line.withLock(\.count) }

  /// - Returns: whether there was room.
  func add(_ request: Request) -> Bool {
    line.withLock { line in
      guard line.count < ParkedRequests.maxCount else { return false }
      line.append(request)
      return true
    }
  }

  /// The one that has waited longest.
  func takeFirst() -> Request? {
    line.withLock { $0.isEmpty ? nil : $0.removeFirst() }
  }

  /// All that have waited since before `moment`.
  func take(since moment: ContinuousClock.Instant) -> [Request] {
    line.withLock { line in
      let old = line.prefix { $0.since < moment }
      line.removeFirst(old.count)
      return Array(old)
    }
  }
}
