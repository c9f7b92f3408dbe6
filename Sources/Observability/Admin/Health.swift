// Whether what the service depends on can be reached.

package import Logging
package import POSIX
internal import Synchronization

/// Checks everything that requests depend on, at the same time and within one deadline.
///
/// A result is kept for a while, so that frequent requests cost the database and the storage no
/// more than that, and whoever asks while a check runs gets what it finds. Only a change is logged.
package final class Health: Sendable {
  package struct Check: Sendable {
    let name: StaticString
    let freshness: Duration
    let run: @Sendable (Deadline) -> Outcome

    /// - Parameters:
    ///   - freshness: for how long a result is kept.
    ///   - attempt: throws an error whose description is safe to log.
    package init<Failure: Error>(
      _ name: StaticString, freshness: Duration = .seconds(1),
      _ attempt: @escaping @Sendable (Deadline) throws(Failure) -> Void
    ) {
      self.name = name
      self.freshness = freshness
      run = { deadline in
        do throws(Failure) {
          return .success(try attempt(deadline))
        } catch {
          return .failure(error)
        }
      }
    }
  }

  /// What came of a check. Checks fail in many ways, of which only the description is of use here.
  typealias Outcome = Result<Void, any Error>

  private static let timeout: Duration = .seconds(3)

  private struct Finding: Sendable {
    var taken: ContinuousClock.Instant?
    var outcome = Outcome.success(())
  }

  private let checks: [Check]
  private let log: Logger
  private let now: @Sendable () -> ContinuousClock.Instant
  /// By check. Held while checks run: whoever asks meanwhile waits for what they find.
  private let findings: Mutex<[Finding]>
  private let isStopping = Atomic(false)

  package init(
    checks: [Check], log: Logger, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) {
    self.checks = checks
    self.log = log
    self.now = now
    findings = Mutex(checks.map { _ in Finding() })
  }

  /// From now on the response is 503, so that a load balancer sends its requests elsewhere.
  package func beginStopping() { isStopping.store(true, ordering: .relaxed) }

  /// 200, or 503 where something is wrong: `{"status":"ok","checks":{"database":"ok"}}`.
  package func response() -> AdminResponse {
    let areWell = currentOutcomes().map(\.isWell)
    let isStopping = isStopping.load(ordering: .relaxed)
    let isWell = areWell.allSatisfy(\.self)
    let status = isStopping ? "stopping" : isWell ? "ok" : "failing"
    // The causes are for the log alone: a load balancer's check may be open to anyone.
    let results = zip(checks, areWell).map { "\"\($0.name)\":\"\($1 ? "ok" : "failing")\"" }
    let text = "{\"status\":\"\(status)\",\"checks\":{\(results.joined(separator: ","))}}"
    return AdminResponse(
      status: isWell && !isStopping ? 200 : 503, contentType: "application/json",
      body: Array(text.utf8))
  }

  private func currentOutcomes() -> [Outcome] {
    findings.withLock { findings in
      let start = now()
      let due = checks.indices.filter { index in
        guard let taken = findings[index].taken else { return true }
        return taken.duration(to: start) >= checks[index].freshness
      }
      for (index, outcome) in zip(due, run(due)) {
        logChange(of: checks[index], from: findings[index].outcome, to: outcome)
        findings[index] = Finding(taken: now(), outcome: outcome)
      }
      return findings.map(\.outcome)
    }
  }

  private func logChange(of check: Check, from before: Outcome, to outcome: Outcome) {
    if case .failure(let error) = outcome, before.isWell {
      log.error(
        "health: failing", metadata: ["check": "\(check.name)", "cause": .string("\(error)")])
    } else if outcome.isWell, !before.isWell {
      log.notice("health: well again", metadata: ["check": "\(check.name)"])
    }
  }

  /// All but the first on threads of their own; without a thread, one after the other.
  private func run(_ due: [Int]) -> [Outcome] {
    let results = Results(count: due.count)
    let deadline = Deadline.after(Health.timeout)
    let attempt: @Sendable (Int) -> Void = { [self] place in
      results.set(place, checks[due[place]].run(deadline))
    }
    var here = due.indices.prefix(1).map(\.self)
    do {
      var threads = try ThreadGroup()
      for place in due.indices.dropFirst() {
        do {
          try threads.start(name: "health") { attempt(place) }
        } catch {
          here.append(place)
        }
      }
      here.forEach(attempt)
      threads.join()
    } catch {
      due.indices.forEach(attempt)
    }
    return results.outcomes
  }

  private final class Results: Sendable {
    private let state: Mutex<[Outcome]>

    init(count: Int) { state = Mutex(Array(repeating: .success(()), count: count)) }

    var outcomes: [Outcome] { state.withLock { $0 } }

    func set(_ place: Int, _ outcome: Outcome) { state.withLock { $0[place] = outcome } }
  }
}

extension Health.Outcome {
  fileprivate var isWell: Bool {
    if case .success = self { true } else { false }
  }
}
