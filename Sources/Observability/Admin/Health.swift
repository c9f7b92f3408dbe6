// Whether what the service depends on can be reached.

package import Logging
package import POSIX
internal import Synchronization

/// Checks everything that requests depend on, at the same time and within one deadline.
///
/// A result is kept for a second, so that frequent requests cost the database and the storage no
/// more than that. Only a change is logged.
package final class Health: Sendable {
  package struct Check: Sendable {
    let name: StaticString
    let run: @Sendable (Deadline) -> Outcome

    /// - Parameter attempt: throws an error whose description is safe to log.
    package init<Failure: Error>(
      _ name: StaticString, _ attempt: @escaping @Sendable (Deadline) throws(Failure) -> Void
    ) {
      self.name = name
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
  private static let freshness: Duration = .seconds(1)

  private struct State {
    var taken: ContinuousClock.Instant?
    /// By check.
    var outcomes: [Outcome]
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
    state = Mutex(State(taken: nil, outcomes: checks.map { _ in .success(()) }))
  }

  /// From now on the response is 503, so that a load balancer sends its requests elsewhere.
  package func beginStopping() { state.withLock { $0.isStopping = true } }

  /// 200, or 503 where something is wrong: `{"status":"ok","checks":{"database":"ok"}}`.
  package func response() -> AdminResponse {
    let areWell = currentOutcomes().map(\.isWell)
    let isStopping = state.withLock { $0.isStopping }
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
    let kept: [Outcome]? = state.withLock { state in
      guard let taken = state.taken, taken.duration(to: now()) < Health.freshness else {
        return nil
      }
      return state.outcomes
    }
    if let kept { return kept }
    let outcomes = run()
    let before = state.withLock { state in
      let before = state.outcomes
      state.outcomes = outcomes
      state.taken = now()
      return before
    }
    for (check, (old, new)) in zip(checks, zip(before, outcomes)) {
      if case .failure(let error) = new, old.isWell {
        log.error(
          "health: failing", metadata: ["check": "\(check.name)", "cause": .string("\(error)")])
      } else if new.isWell, !old.isWell {
        log.notice("health: well again", metadata: ["check": "\(check.name)"])
      }
    }
    return outcomes
  }

  /// All but the first on threads of their own; without a thread, one after the other.
  private func run() -> [Outcome] {
    let results = Results(count: checks.count)
    let deadline = Deadline.after(Health.timeout)
    var here = checks.indices.prefix(1).map(\.self)
    do {
      var threads = try ThreadGroup()
      for index in checks.indices.dropFirst() {
        do {
          try threads.start(name: "health") { [self] in results.run(checks[index], index, deadline)
          }
        } catch {
          here.append(index)
        }
      }
      for index in here { results.run(checks[index], index, deadline) }
      threads.join()
    } catch {
      for index in checks.indices { results.run(checks[index], index, deadline) }
    }
    return results.outcomes
  }

  private final class Results: Sendable {
    private let state: Mutex<[Outcome]>

    init(count: Int) { state = Mutex(Array(repeating: .success(()), count: count)) }

    var outcomes: [Outcome] { state.withLock { $0 } }

    func run(_ check: Check, _ index: Int, _ deadline: Deadline) {
      let outcome = check.run(deadline)
      state.withLock { $0[index] = outcome }
    }
  }
}

extension Health.Outcome {
  fileprivate var isWell: Bool {
    if case .success = self { true } else { false }
  }
}
