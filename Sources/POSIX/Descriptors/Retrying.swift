// C calls that fail with -1 and errno.

internal import Glibc
internal import Synchronization
package import SystemPackage

/// Runs a C call that returns -1 and sets `errno` on failure, again as long as it is interrupted.
package func retrying<Value: FixedWidthInteger>(_ call: () -> Value) throws(Errno) -> Value {
  while true {
    let value = attempt(call)
    if value != -1 { return value }
    let error = Errno(rawValue: errno)
    if error != .interrupted { throw error }
  }
}

extension Errno {
  /// Whether this process, or the machine, has no file descriptor left, which passes.
  package var isDescriptorShortage: Bool {
    self == .tooManyOpenFiles || self == .tooManyOpenFilesInSystem
  }
}

/// The error with which descriptors are refused at this moment; nil where they are not. For the
/// cause of a failure that a library does not tell, as the resolver's.
package func descriptorShortage() -> Errno? {
  do throws(Errno) {
    _ = try Event()
    return nil
  } catch {
    return error.isDescriptorShortage ? error : nil
  }
}

#if DEBUG
  private func attempt<Value: FixedWidthInteger>(_ call: () -> Value) -> Value {
    guard let error = FaultInjection.current?.takeError() else { return call() }
    errno = error.rawValue
    return -1
  }

  /// Makes C calls fail without being made, so that tests see what the callers of `retrying` make
  /// of it. It holds for the task that sets `current`, and is not part of a release build.
  package final class FaultInjection: Sendable {
    @TaskLocal package static var current: FaultInjection?

    private let error: Errno
    /// How many calls are still made before the next one fails.
    private let callsLeft: Mutex<Int>

    /// - Parameters:
    ///   - error: what one call fails with.
    ///   - count: the calls before it, which are made.
    package init(_ error: Errno, afterCalls count: Int = 0) {
      self.error = error
      callsLeft = Mutex(count)
    }

    /// Whether the call that was to fail has come.
    package var isSpent: Bool { callsLeft.withLock { $0 < 0 } }

    fileprivate func takeError() -> Errno? {
      callsLeft.withLock { left in
        left -= 1
        return left == -1 ? error : nil
      }
    }
  }
#else
  @inline(__always)
  private func attempt<Value: FixedWidthInteger>(_ call: () -> Value) -> Value { call() }
#endif
