// A moment by which something has to be done, and waiting for a descriptor until then.

internal import Glibc
package import SystemPackage

/// A moment on the monotonic clock by which an operation has to end.
///
/// Handed down through every layer, so that steps share one budget instead of adding up timeouts.
package struct Deadline: Sendable, Comparable {
  private let instant: ContinuousClock.Instant

  package init(_ instant: ContinuousClock.Instant) { self.instant = instant }

  /// The moment `duration` from now.
  package static func after(_ duration: Duration) -> Deadline {
    Deadline(.now.advanced(by: duration))
  }

  /// What is left; zero once it has passed.
  package var remaining: Duration { max(.zero, ContinuousClock.now.duration(to: instant)) }

  package var hasPassed: Bool { ContinuousClock.now >= instant }

  package static func < (left: Deadline, right: Deadline) -> Bool { left.instant < right.instant }

  /// What is left in milliseconds, rounded up, as `poll` takes it.
  package var remainingMilliseconds: CInt {
    let (seconds, attoseconds) = remaining.components
    let attosecondsPerMillisecond: Int64 = 1_000_000_000_000_000
    let milliseconds =
      min(seconds, 1_000_000) * 1000
      + (attoseconds + attosecondsPerMillisecond - 1) / attosecondsPerMillisecond
    return CInt(milliseconds)
  }
}

/// What a descriptor can be waited for.
package enum Readiness: Sendable { case readable, writable, readableOrWritable }

/// Waits until the borrowed `descriptor` is ready, has hung up or has failed.
///
/// - Returns: false when `deadline` passed first.
/// The corresponding C function is `poll`.
package func wait(
  for readiness: Readiness, on descriptor: CInt, until deadline: Deadline
) throws(Errno) -> Bool {
  let events =
    switch readiness {
    case .readable: POLLIN
    case .writable: POLLOUT
    case .readableOrWritable: POLLIN | POLLOUT
    }
  var polled = pollfd(fd: descriptor, events: Int16(events), revents: 0)
  // Interrupted calls start again with what is left, so signals cannot stretch the wait.
  return try retrying { unsafe poll(&polled, 1, deadline.remainingMilliseconds) } > 0
}

/// Whether the peer of the borrowed socket or pipe `descriptor` is gone in both directions. One
/// that only has nothing more to say does not count. The corresponding C function is `poll`.
package func hasHungUp(_ descriptor: CInt) -> Bool {
  var polled = pollfd(fd: descriptor, events: 0, revents: 0)
  guard unsafe poll(&polled, 1, 0) > 0 else { return false }
  return polled.revents & Int16(POLLHUP | POLLERR) != 0
}
