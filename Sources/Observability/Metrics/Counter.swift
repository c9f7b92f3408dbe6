// A number that many threads change without waiting for each other.

internal import Synchronization

/// A counter or a gauge. Readers see each change on its own, in no particular order.
package final class Counter: Sendable {
  private let number = Atomic(0)

  package init() {}

  package var value: Int { number.load(ordering: .relaxed) }

  package func add(_ amount: Int = 1) { number.wrappingAdd(amount, ordering: .relaxed) }
}
