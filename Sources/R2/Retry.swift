// Repeating what may be repeated.

internal import Glibc
internal import POSIX

/// How long to wait before a request is made again.
struct Backoff: Sendable {
  let base: Duration

  /// The wait after as many failed `attempts`: it doubles each time, and `random` (0 to 1) takes up
  /// to half of it away, so that clients who failed together do not return together.
  func delay(after attempts: Int, random: Double) -> Duration {
    let doublings = min(max(attempts - 1, 0), 10)
    return base * (1 << doublings) * (1 - random / 2)
  }
}

/// Calls `attempt` with its number, from 1, until it succeeds, fails for good, has failed
/// `maxAttempts` times, or the wait before the next would outlast `deadline`.
func repeating<Value>(
  upTo maxAttempts: Int, backoff: Backoff, until deadline: Deadline,
  _ attempt: (Int) throws(R2Error) -> Value
) throws(R2Error) -> Value {
  var number = 1
  while true {
    do throws(R2Error) {
      return try attempt(number)
    } catch {
      guard error.isRetryable, number < maxAttempts else { throw error }
      let delay = backoff.delay(after: number, random: .random(in: 0..<1))
      guard delay < deadline.remaining else { throw error }
      pause(delay)
      number += 1
    }
  }
}

/// The corresponding C function is `nanosleep`.
private func pause(_ duration: Duration) {
  let (seconds, attoseconds) = duration.components
  var rest = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
  // A signal that cuts the wait short does no harm.
  _ = unsafe nanosleep(&rest, nil)
}
