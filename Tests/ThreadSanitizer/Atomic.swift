// What else the program uses of Synchronization, for the build for ThreadSanitizer (scripts/tsan):
// the module's name cannot lead to two modules.

public enum AtomicLoadOrdering { case relaxed, acquiring, sequentiallyConsistent }
public enum AtomicStoreOrdering { case relaxed, releasing, sequentiallyConsistent }

/// `Synchronization.Atomic` behind a mutex, whatever the ordering.
public struct Atomic<Value: Sendable>: ~Copyable, Sendable {
  private let value: Mutex<Value>

  public init(_ initialValue: Value) { value = Mutex(initialValue) }

  public borrowing func load(ordering: AtomicLoadOrdering) -> Value { value.withLock { $0 } }

  public borrowing func store(_ desired: Value, ordering: AtomicStoreOrdering) {
    value.withLock { $0 = desired }
  }
}
