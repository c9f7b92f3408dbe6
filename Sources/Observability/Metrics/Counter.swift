// A counter that threads change without a lock.

internal import Synchronization

/// A counter or a gauge. Changes of several counters may be seen in any order.
package final class Counter: Sendable {
  private let number = Atomic(0)

  package init() {}

  package var value: Int { number.load(ordering: .relaxed) }

  package func add(_ amount: Int = 1) { number.wrappingAdd(amount, ordering: .relaxed) }
}
