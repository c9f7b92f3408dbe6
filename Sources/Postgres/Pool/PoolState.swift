// Who has which place of a pool: decisions only, without a lock, a clock or a connection.

/// The places of a pool and the line of those who wait for one. A place that is neither idle nor
/// vacant is in use.
struct PoolState<Waiter: AnyObject> {
  /// Room for one connection.
  struct Place {
    let slot: Int
    /// Since when its connection is unused; nil if it has none.
    let idleSince: ContinuousClock.Instant?

    func isOlder(than age: Duration, at now: ContinuousClock.Instant) -> Bool {
      idleSince.map { $0.duration(to: now) > age } ?? false
    }
  }

  private let size: Int
  /// With a connection; the one used last at the end.
  private var idle: [Place] = []
  private var vacant: [Int]
  /// In the order in which they came.
  private var waiters: [Waiter] = []
  /// Free places that belong to waiters who have left the line and are about to wake.
  private var promised = 0
  /// How often somebody had to get in line, so far.
  private(set) var waitCount = 0

  init(size: Int) {
    self.size = size
    vacant = Array((0..<size).reversed())
  }

  var inUseCount: Int { size - idle.count - vacant.count }
  var idleCount: Int { idle.count }
  var waiterCount: Int { waiters.count }

  /// A free place, unless those in line have a right to it.
  mutating func take() -> Place? {
    idle.count + vacant.count > promised ? takeAny() : nil
  }

  /// A free place, or nil with `waiter` in line.
  mutating func takeOrWait(_ waiter: Waiter) -> Place? {
    if let place = take() { return place }
    waiters.append(waiter)
    waitCount += 1
    return nil
  }

  /// The place that `waiter` was promised; nil if it was still in line, which it has then left.
  ///
  /// A promise may come between the end of a wait and this call, so it is not the wait's result
  /// that counts.
  mutating func endWait(of waiter: Waiter) -> Place? {
    if let position = waiters.firstIndex(where: { $0 === waiter }) {
      waiters.remove(at: position)
      return nil
    }
    promised -= 1
    return takeAny()
  }

  private mutating func takeAny() -> Place? {
    idle.popLast() ?? vacant.popLast().map { Place(slot: $0, idleSince: nil) }
  }

  /// Takes back a place.
  ///
  /// - Parameter isKept: whether it has a connection that can be used again.
  /// - Returns: the first in line, who is to be woken: a place is promised to them.
  mutating func giveBack(
    _ slot: Int, isKept: Bool, at now: ContinuousClock.Instant
  ) -> Waiter? {
    if isKept {
      idle.append(Place(slot: slot, idleSince: now))
    } else {
      vacant.append(slot)
    }
    guard !waiters.isEmpty, idle.count + vacant.count > promised else { return nil }
    promised += 1
    return waiters.removeFirst()
  }

  /// Takes the places that were idle for longer than `age` and that nobody waits for, to close
  /// their connections.
  mutating func takeIdle(longerThan age: Duration, at now: ContinuousClock.Instant) -> [Place] {
    guard waiters.isEmpty, promised == 0 else { return [] }
    let expired = idle.prefix { $0.isOlder(than: age, at: now) }
    idle.removeFirst(expired.count)
    return Array(expired)
  }
}
