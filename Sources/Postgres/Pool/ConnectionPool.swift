// The connections that the worker threads share.

package import POSIX
internal import Synchronization
internal import SystemPackage

/// A bounded number of connections, opened when first needed and kept for the next user.
///
/// The connection used last is handed out first, so that those not needed grow old and are
/// closed. Threads that find none free wait in line. A connection is kept only if it is idle in
/// every sense: one with a statement under way or a transaction open is closed.
package final class ConnectionPool: Sendable {
  package struct Limits: Sendable {
    /// Connections at most, those in use included.
    package var size: Int
    /// How long a caller waits for one to come free; nil leaves its deadline alone to decide.
    package var wait: Duration?
    /// How long an unused connection is kept.
    package var idleTime: Duration

    /// How long the server may work on a statement; nil leaves that to the server's settings. It is
    /// to be longer than any deadline: it ends what we have no more means to cancel.
    package var serverTimeout: Duration?

    package init(
      size: Int, wait: Duration?, idleTime: Duration = .seconds(300),
      serverTimeout: Duration? = nil
    ) {
      self.size = size
      self.wait = wait
      self.idleTime = idleTime
      self.serverTimeout = serverTimeout
    }
  }

  /// Whether a statement may run twice if its first response is lost.
  package enum Repetition: Sendable {
    case never
    /// It only reads, or it is keyed by an id of ours, so that twice is the same as once.
    case allowed
  }

  /// Which connection that was used before will do.
  package enum Reuse: Sendable {
    /// Any: whoever loses it repeats the statement, which saves a look at each.
    case unchecked
    /// One of which the server has not taken leave.
    case checked
    case never
  }

  /// What the connections are used for at this moment.
  package struct Usage: Sendable, Equatable {
    package var size: Int
    package var inUse: Int
    package var idle: Int
    /// Threads in line.
    package var waiting: Int
    /// How often a thread had to get in line, so far.
    package var waitCount: Int
  }

  private let url: DatabaseURL
  private let limits: Limits
  private let slots: [Slot]
  private let state: Mutex<PoolState<Waiter>>
  private let canceller: StatementCanceller

  package init(_ url: DatabaseURL, _ limits: Limits) {
    precondition(limits.size > 0, "a pool of nothing")
    self.url = url
    self.limits = limits
    slots = (0..<limits.size).map { _ in Slot() }
    state = Mutex(PoolState(size: limits.size))
    canceller = StatementCanceller(limit: limits.size)
  }

  package var usage: Usage {
    state.withLock { state in
      Usage(
        size: slots.count, inUse: state.inUseCount, idle: state.idleCount,
        waiting: state.waiterCount, waitCount: state.waitCount)
    }
  }

  /// Runs one statement on a connection of the pool.
  ///
  /// A connection can break while it lies idle without anyone noticing. A statement that may be
  /// repeated is then sent once more, on a new connection and within the same deadline.
  @discardableResult
  package func execute(
    _ statement: borrowing Statement, _ parameters: [Parameter] = [], until deadline: Deadline,
    repetition: Repetition = .never
  ) throws(PostgresError) -> QueryResult {
    let statement = copy statement
    let reuse: Reuse = repetition == .allowed ? .unchecked : .checked
    do {
      return try withConnection(until: deadline, reuse) { (connection) throws(PostgresError) in
        try connection.execute(statement, parameters, until: deadline)
      }
    } catch {
      guard repetition == .allowed, error.isConnectionLoss, !deadline.hasPassed else { throw error }
    }
    return try withConnection(until: deadline, .never) { (connection) throws(PostgresError) in
      try connection.execute(statement, parameters, until: deadline)
    }
  }

  /// Lends a connection to `body`, which leaves it without an open transaction or loses it.
  ///
  /// - Parameters:
  ///   - deadline: by when a connection has to be there; `body` minds its own.
  package func withConnection<Value: ~Copyable>(
    until deadline: Deadline, _ reuse: Reuse = .checked,
    _ body: (inout Connection) throws(PostgresError) -> Value
  ) throws(PostgresError) -> Value {
    let place = try acquire(until: deadline)
    var isKept = false
    defer { release(place.slot, isKept: isKept) }
    var connection = try connection(at: place, until: deadline, reuse)
    let result: Result<Value, PostgresError>
    do { result = .success(try body(&connection)) } catch { result = .failure(error) }
    if connection.isIdle {
      slots[place.slot].put(connection)
      isKept = true
    } else {
      // Before its place is free: the server never has more of us than the pool is large.
      canceller.cancelStatement(of: connection)
      connection.close()
    }
    return try result.get()
  }

  private func connection(
    at place: PoolState<Waiter>.Place, until deadline: Deadline, _ reuse: Reuse
  ) throws(PostgresError) -> Connection {
    if let kept = slots[place.slot].take(), reuse != .never,
      !place.isOlder(than: limits.idleTime, at: .now), reuse == .unchecked || kept.isFresh
    {
      return kept
    }
    return try Connection.open(url, serverTimeout: limits.serverTimeout, until: deadline)
  }

  /// Reserves a slot for the calling thread.
  private func acquire(until deadline: Deadline) throws(PostgresError) -> PoolState<Waiter>.Place {
    if let place = state.withLock({ $0.take() }) { return place }
    let waiter: Waiter
    do { waiter = try Waiter() } catch { throw .cannotWait(error) }
    if let free = state.withLock({ $0.takeOrWait(waiter) }) { return free }
    let limit = limits.wait.map { min(deadline, .after($0)) } ?? deadline
    let isSignalled = Result { () throws(Errno) in try waiter.event.wait(until: limit) }
    if let promised = state.withLock({ $0.endWait(of: waiter) }) { return promised }
    switch isSignalled {
    case .success(let isSignalled):
      assert(!isSignalled, "a signal without a promise")
      throw .poolExhausted
    case .failure(let error): throw .cannotWait(error)
    }
  }

  /// Closes connections that have idled for longer than the limit; also done by every use.
  package func closeIdleConnections() {
    close(state.withLock { $0.takeIdle(longerThan: limits.idleTime, at: .now) })
  }

  private func release(_ slot: Int, isKept: Bool) {
    let (waiter, expired) = state.withLock { state in
      let now = ContinuousClock.now
      let expired = state.takeIdle(longerThan: limits.idleTime, at: now)
      return (state.giveBack(slot, isKept: isKept, at: now), expired)
    }
    waiter?.event.signal()
    close(expired)
  }

  private func close(_ expired: [PoolState<Waiter>.Place]) {
    for place in expired {
      // Its room is given back only once it is closed: the server never sees one too many.
      slots[place.slot].take()?.close()
      let now = ContinuousClock.now
      let waiter = state.withLock { $0.giveBack(place.slot, isKept: false, at: now) }
      waiter?.event.signal()
    }
  }
}

/// A thread in line.
private final class Waiter: Sendable {
  let event: Event

  init() throws(Errno) { event = try Event() }
}

/// Room for one connection.
private final class Slot: Sendable {
  private let content = Mutex<Connection?>(nil)

  func take() -> Connection? { content.withLock { $0.take() } }

  func put(_ connection: consuming Connection) {
    var connection = Optional(connection)
    content.withLock { $0 = connection.take() }
  }
}
