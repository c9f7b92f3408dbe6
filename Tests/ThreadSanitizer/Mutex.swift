// The mutex of the build for ThreadSanitizer (scripts/tsan), in the place of Synchronization's.

internal import Glibc

/// `Synchronization.Mutex` on a POSIX mutex. ThreadSanitizer knows those; the original waits in the
/// kernel by itself, so every use of what it protects would be reported.
///
/// It is `@unchecked Sendable` since a pointer is not Sendable; the value behind it is reached only
/// while the mutex is held.
@safe package struct Mutex<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let value: UnsafeMutablePointer<Value>

  package init(_ initialValue: consuming sending Value) {
    unsafe mutex = .allocate(capacity: 1)
    unsafe value = .allocate(capacity: 1)
    unsafe value.initialize(to: initialValue)
    let status = unsafe pthread_mutex_init(mutex, nil)
    precondition(status == 0, "no mutex")
  }

  deinit {
    unsafe pthread_mutex_destroy(mutex)
    unsafe mutex.deallocate()
    unsafe value.deinitialize(count: 1)
    unsafe value.deallocate()
  }

  package borrowing func withLock<Result: ~Copyable, Failure: Error>(
    _ body: (inout sending Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    return try unsafe body(&value.pointee)
  }
}
