// Where a server's threads wait: for new connections, and for requests on those that are kept.

internal import CPOSIX
internal import Glibc
internal import Synchronization
package import SystemPackage

/// A listener, and the connections that are kept for their next request.
///
/// Any number of threads wait in `next`, and an idle connection belongs to none of them: whatever
/// happens, the kernel tells one thread (`EPOLLONESHOT`). The corresponding C function is
/// `epoll_wait`.
package final class ConnectionSet: Sendable {
  private let listener: Listener
  private let timeout: Duration
  private let order: Event
  /// The listener, the order to stop, and the idle connections.
  private let events: OwnedDescriptor
  /// The idle connections, once the order was given: it stays readable, so that every thread hears
  /// of it, and none could wait beside it.
  private let lastEvents: OwnedDescriptor
  private let state = Mutex(State())

  private struct State {
    /// Until when connections are kept; nil before the order to stop.
    var end: Deadline?
    /// The descriptors of the idle connections. A key is used once and a number again, so that an
    /// event of a connection that has gone is not taken for another's.
    var idle: [UInt64: CInt] = [:]
    var lastKey = ConnectionSet.orderKey
  }

  private static let listenerKey: UInt64 = 0
  private static let orderKey: UInt64 = 1

  /// - Parameter timeout: without progress, after which reads and writes on a new connection give
  ///   up.
  package init(listener: consuming Listener, timeout: Duration) throws(Errno) {
    let order = try Event()
    let events = OwnedDescriptor(owning: try retrying { cposix_epoll() })
    let lastEvents = OwnedDescriptor(owning: try retrying { cposix_epoll() })
    let number = listener.number
    _ = try retrying { cposix_watch(events.number, order.descriptor.number, Self.orderKey, 0) }
    _ = try retrying { cposix_watch(events.number, number, Self.listenerKey, 1) }
    self.listener = listener
    self.timeout = timeout
    self.order = order
    self.events = events
    self.lastEvents = lastEvents
  }

  deinit {
    for number in state.withLock(\.idle).values { _ = close(number) }
  }

  /// The next connection on which something has come, or whose peer has hung up: a new one, or one
  /// that was kept.
  ///
  /// - Returns: nil once the order to stop was given, even if connections wait, and no kept one is
  ///   idle.
  /// - Throws: `.tooManyOpenFiles` and the like, which pass; the set stays usable.
  package func next() throws(Errno) -> OwnedDescriptor? {
    while true {
      switch try event(of: events, milliseconds: -1) {
      case nil: continue
      case Self.orderKey?: return try lastKept()
      case Self.listenerKey?: if let connection = try accept() { return connection }
      case let key?: if let connection = take(key) { return connection }
      }
    }
  }

  /// Keeps a connection for its next request, from which nothing is left to be read or sent.
  package func keep(_ connection: consuming OwnedDescriptor) {
    let number = connection.release()
    let place = state.withLock { state -> (queue: CInt, key: UInt64)? in
      guard state.end.map({ !$0.hasPassed }) ?? true else { return nil }
      state.lastKey += 1
      // Before the kernel may tell another thread.
      state.idle[state.lastKey] = number
      return (state.end == nil ? events.number : lastEvents.number, state.lastKey)
    }
    guard let place else {
      _ = OwnedDescriptor(owning: number)
      return
    }
    // Without the lock, which a thread that the kernel tells at once would wait for. Where it was
    // given out meanwhile, after the order to stop, the key is nobody's.
    if cposix_watch(place.queue, number, place.key, 1) != 0 { _ = take(place.key) }
  }

  /// The connections that are kept and wait for their next request.
  package var idleCount: Int { state.withLock { $0.idle.count } }

  /// Gives the order to stop: no connection is accepted from now on. What comes on kept ones is
  /// still given out, since a web server may have sent it already, until it has closed them or
  /// `end` has passed.
  package func stop(until end: Deadline) {
    state.withLock { state in
      guard state.end == nil else { return }
      state.end = end
      for (key, number) in state.idle
      where cposix_watch(lastEvents.number, number, key, 1) != 0 {
        state.idle[key] = nil
        _ = close(number)
      }
    }
    order.signal()
  }

  /// Waits for the order to stop, for as long as `duration`.
  ///
  /// - Returns: whether it was given.
  package func waitForStop(atMost duration: Duration) -> Bool { order.wait(atMost: duration) }

  private func accept() throws(Errno) -> OwnedDescriptor? {
    guard state.withLock({ $0.end == nil }) else { return nil }
    do throws(Errno) {
      let connection = try listener.accept(timeout: timeout)
      try watchListener()
      return connection
    } catch {
      try watchListener()
      throw error
    }
  }

  /// Lets a thread hear of the next connection, after one has heard of this.
  private func watchListener() throws(Errno) {
    let number = listener.number
    _ = try retrying { cposix_watch(events.number, number, Self.listenerKey, 1) }
  }

  /// What comes on kept connections after the order to stop. A connection whose request another
  /// thread works on is that thread's to wait for.
  private func lastKept() throws(Errno) -> OwnedDescriptor? {
    while hasLastKept() {
      if let key = try event(of: lastEvents, milliseconds: 50), let connection = take(key) {
        return connection
      }
    }
    return nil
  }

  /// Whether a connection is idle; all are closed once the time for them has passed.
  private func hasLastKept() -> Bool {
    state.withLock { state in
      if state.end.map(\.hasPassed) ?? false {
        for number in state.idle.values { _ = close(number) }
        state.idle = [:]
      }
      return !state.idle.isEmpty
    }
  }

  private func take(_ key: UInt64) -> OwnedDescriptor? {
    guard let number = state.withLock({ $0.idle.removeValue(forKey: key) }) else { return nil }
    return OwnedDescriptor(owning: number)
  }

  /// The key of what has happened; nil when nothing did in time.
  private func event(
    of queue: borrowing OwnedDescriptor, milliseconds: CInt
  ) throws(Errno) -> UInt64? {
    var key: UInt64 = 0
    let number = queue.number
    let count = try retrying { unsafe cposix_next_event(number, &key, milliseconds) }
    return count == 1 ? key : nil
  }
}
