// Whether what the service stands on can be reached.

package import Logging
package import POSIX
internal import Synchronization

/// Tries out each thing that requests need, all at the same time and within one deadline.
///
/// A result is used again for a second: whoever may ask, asking often costs the database and the
/// storage no more than that. Only a change is logged.
package final class Health: Sendable {
  package struct Check: Sendable {
    let name: StaticString
    /// The cause, safe to log; nil if all is well.
    let failure: @Sendable (Deadline) -> String?

    package init(_ name: StaticString, failure: @escaping @Sendable (Deadline) -> String?) {
      self.name = name
      self.failure = failure
    }
  }

  private static let timeout: Duration = .seconds(3)
  private static let freshness: Duration = .seconds(1)

  private struct State {
    var taken: ContinuousClock.Instant?
    /// By check; nil if well.
    var failures: [String?]
    var isStopping = false
  }

  private let checks: [Check]
  private let log: Logger
  private let now: @Sendable () -> ContinuousClock.Instant
  private let state: Mutex<State>

  package init(
    checks: [Check], log: Logger, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) {
    self.checks = checks
    self.log = log
    self.now = now
    state = Mutex(State(taken: nil, failures: checks.map { _ in nil }))
  }

  /// From now on the answer is 503, so that a load balancer sends its requests elsewhere.
  package func beginStopping() { state.withLock { $0.isStopping = true } }

  /// 200, or 503 where something is wrong: `{"status":"ok","checks":{"database":"ok"}}`.
  package func answer() -> AdminAnswer {
    let failures = currentFailures()
    let isStopping = state.withLock { $0.isStopping }
    let isWell = failures.allSatisfy { $0 == nil }
    let status = isStopping ? "stopping" : isWell ? "ok" : "failing"
    // The causes are for the log alone: a load balancer's check may be open to anyone.
    let results = zip(checks, failures).map { "\"\($0.name)\":\"\($1 == nil ? "ok" : "failing")\"" }
    let text = "{\"status\":\"\(status)\",\"checks\":{\(results.joined(separator: ","))}}"
    return AdminAnswer(
      status: isWell && !isStopping ? 200 : 503, contentType: "application/json",
      body: Array(text.utf8))
  }

  private func currentFailures() -> [String?] {
    let kept: [String?]? = state.withLock { state in
      guard let taken = state.taken, taken.duration(to: now()) < Health.freshness else {
        return nil
      }
      return state.failures
    }
    if let kept { return kept }
    let failures = run()
    let before = state.withLock { state in
      let before = state.failures
      state.failures = failures
      state.taken = now()
      return before
    }
    for (check, (old, new)) in zip(checks, zip(before, failures)) {
      if let new, old == nil {
        log.error("health: failing", metadata: ["check": "\(check.name)", "cause": .string(new)])
      } else if new == nil, old != nil {
        log.notice("health: well again", metadata: ["check": "\(check.name)"])
      }
    }
    return failures
  }

  /// All but the first on threads of their own.
  private func run() -> [String?] {
    let results = Results(count: checks.count)
    let deadline = Deadline.after(Health.timeout)
    var threads = ThreadGroup()
    for (place, check) in checks.enumerated().dropFirst() {
      do {
        threads.add(
          try Thread.start(name: "health") {
            let failure = check.failure(deadline)
            results.failures.withLock { $0[place] = failure }
          })
      } catch {
        results.failures.withLock { $0[place] = "no thread: \(error)" }
      }
    }
    let failure = checks.first?.failure(deadline)
    if !checks.isEmpty { results.failures.withLock { $0[0] = failure ?? nil } }
    threads.join()
    return results.failures.withLock { $0 }
  }

  private final class Results: Sendable {
    let failures: Mutex<[String?]>

    init(count: Int) { failures = Mutex(Array(repeating: nil, count: count)) }
  }
}
