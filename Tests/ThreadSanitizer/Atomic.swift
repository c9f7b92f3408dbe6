// What else the program uses of Synchronization, for the build for ThreadSanitizer (scripts/tsan):
// the module's name cannot lead to two modules.

package enum AtomicLoadOrdering { case relaxed, acquiring, sequentiallyConsistent }
package enum AtomicStoreOrdering { case relaxed, releasing, sequentiallyConsistent }
package enum AtomicUpdateOrdering {
  case relaxed, acquiring, releasing, acquiringAndReleasing, sequentiallyConsistent
}

/// `Synchronization.Atomic` behind a mutex, whatever the ordering: what a stricter ordering than
/// was asked for would hide, stays hidden.
package struct Atomic<Value: Sendable>: ~Copyable, Sendable {
  private let value: Mutex<Value>

  package init(_ initialValue: Value) { value = Mutex(initialValue) }

  package borrowing func load(ordering: AtomicLoadOrdering) -> Value { value.withLock { $0 } }

  package borrowing func store(_ desired: Value, ordering: AtomicStoreOrdering) {
    value.withLock { $0 = desired }
  }
}

extension Atomic where Value: FixedWidthInteger {
  @discardableResult
  package borrowing func wrappingAdd(
    _ operand: Value, ordering: AtomicUpdateOrdering
  ) -> (oldValue: Value, newValue: Value) {
    value.withLock { value in
      let oldValue = value
      value &+= operand
      return (oldValue, value)
    }
  }
}
