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

/// The attempts at one request: how many there were, and whether another one is worth it.
///
///     var retry = Retry(upTo: 4, backoff: backoff, until: deadline)
///     while true {
///       do { return try attempt() } catch { try retry.pause(after: error) }
///     }
struct Retry {
  /// The attempt that is being made, from 1.
  private(set) var attempt = 1
  private let maxAttempts: Int
  private let backoff: Backoff
  private let rateLimitBackoff: Backoff
  private let deadline: Deadline

  init(
    upTo maxAttempts: Int, backoff: Backoff, rateLimitBackoff: Backoff, until deadline: Deadline
  ) {
    self.maxAttempts = maxAttempts
    self.backoff = backoff
    self.rateLimitBackoff = rateLimitBackoff
    self.deadline = deadline
  }

  /// Waits before the next attempt.
  ///
  /// - Throws: `error` itself, where it is for good, the attempts are used up, or the wait would
  ///   outlast the deadline.
  mutating func pause(after error: R2Error) throws(R2Error) {
    guard error.isRetryable, attempt < maxAttempts else { throw error }
    let delay = delay(after: error)
    guard delay < deadline.remaining else { throw error }
    sleep(for: delay)
    attempt += 1
  }
}

extension Retry {
  /// As long as the store asks for, if it does.
  private func delay(after error: R2Error) -> Duration {
    let random = Double.random(in: 0..<1)
    guard case .refused(let refusal) = error else {
      return backoff.delay(after: attempt, random: random)
    }
    let usual = refusal.isRateLimit ? rateLimitBackoff : backoff
    let wanted = min(refusal.retryAfterSeconds ?? 0, 86_400)
    return max(usual.delay(after: attempt, random: random), .seconds(wanted))
  }
}

/// The corresponding C function is `nanosleep`.
private func sleep(for duration: Duration) {
  let (seconds, attoseconds) = duration.components
  var rest = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
  // A signal that cuts the wait short does no harm.
  _ = unsafe nanosleep(&rest, nil)
}
