// A flag that one thread raises and others wait for.

internal import CPOSIX
internal import Glibc
package import SystemPackage

/// A flag, down at first, that threads can wait for with a deadline or beside other descriptors.
///
/// The corresponding C function is `eventfd`.
package struct Event: ~Copyable, Sendable {
  /// Readable once the flag is raised.
  let descriptor: OwnedDescriptor

  /// - Throws: `.tooManyOpenFiles` and the like.
  package init() throws(Errno) {
    descriptor = OwnedDescriptor(owning: try retrying { cposix_event() })
  }

  /// Raises the flag and wakes whoever waits.
  package func signal() {
    // The eight bytes that eventfd(2) adds to its counter. It can fail only if the counter, 0 or
    // a few, were about to overflow.
    let one: [UInt8] = unsafe withUnsafeBytes(of: UInt64(1)) { unsafe Array($0) }
    try? descriptor.writeAll(one.span)
  }

  /// Lowers the flag again. Only the one thread that waits for it may do so.
  package func clear() throws(Errno) {
    // Reading sets eventfd(2)'s counter to 0, and waits if it is.
    guard try wait(until: .after(.zero)) else { return }
    var count: UInt64 = 0
    _ = try unsafe withUnsafeMutableBytes(of: &count) { (buffer) throws(Errno) in
      try unsafe descriptor.read(into: buffer)
    }
  }

  /// Waits until the flag is raised.
  ///
  /// - Returns: false when `deadline` passed first.
  package func wait(until deadline: Deadline) throws(Errno) -> Bool {
    try POSIX.wait(for: .readable, on: descriptor.number, until: deadline)
  }

  /// Waits until the flag is raised, for loops that go on whatever happens: where the kernel cannot
  /// wait, for want of memory, a sleep of up to a second takes the place of the wait.
  ///
  /// - Returns: false when it was not raised within `duration`.
  package func wait(atMost duration: Duration) -> Bool {
    do throws(Errno) {
      return try wait(until: .after(duration))
    } catch {
      let pause = min(duration, .seconds(1)) / .microseconds(1)
      usleep(useconds_t(max(pause, 0)))
      return false
    }
  }
}
