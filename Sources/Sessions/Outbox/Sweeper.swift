// The thread of `serve` that works on the outbox.

package import Logging
package import POSIX
internal import Postgres
internal import Synchronization
package import SystemPackage

/// Does jobs as they fall due, gives up uploads that take too long, forgets old ones, finds
/// recordings that are kept no longer, and closes connections that nobody needs.
package final class Sweeper: Sendable {
  private let outbox: Outbox
  private let late: LateDatabase
  private let uploadTimeout: Duration
  private let log: Logger
  private let isStopping = Atomic(false)

  /// Looked at at least this often, for jobs that other processes wrote.
  private static let interval: Duration = .seconds(5)

  package init(
    outbox: Outbox, late: LateDatabase, uploadTimeout: Duration, log: Logger
  ) {
    self.outbox = outbox
    self.late = late
    self.uploadTimeout = uploadTimeout
    self.log = log
  }

  /// Starts the thread; it ends after `stop`.
  package func start(in group: inout ThreadGroup) throws(Errno) {
    try group.start(name: "sweeper") { self.run() }
  }

  package func stop() {
    isStopping.store(true, ordering: .releasing)
    outbox.wake()
  }

  private func run() {
    var course = Course()
    while !isStopping.load(ordering: .acquiring) {
      if !late.isAwaited { takeTurn(&course) }
      outbox.closeIdleConnections()
      outbox.waitForWork(atMost: Sweeper.interval)
    }
  }

  /// What a turn consists of, called as the log calls it.
  private enum Part: String, CaseIterable {
    case giveUpUploads = "give up uploads"
    case forgetUploads = "forget uploads"
    case expireRecordings = "expire recordings"
    case forgetDeletions = "forget deletions"
    case delete, publish, webhook
  }

  /// Where the sweeper is with its work.
  private struct Course {
    private(set) var parts = Part.allCases
    private var next: [Part: Deadline] = [:]
    var walk = RetentionWalk()

    /// Whether to look for what time alone brings about: who wakes the sweeper has written a job.
    mutating func isTime(for part: Part) -> Bool {
      if let next = next[part], !next.hasPassed { return false }
      next[part] = .after(Sweeper.interval)
      return true
    }

    /// So that one at which every turn ends keeps no other from its own.
    mutating func putLast(_ part: Part) {
      while parts.last != part { parts.append(parts.removeFirst()) }
    }
  }

  /// Takes one part after the other for as long as there are jobs. One that fails fails by itself,
  /// unless the database is away.
  private func takeTurn(_ course: inout Course) {
    var parts = course.parts
    var isBusy = true
    while isBusy {
      isBusy = false
      for part in parts where !isStopping.load(ordering: .acquiring) {
        do throws(PostgresError) {
          switch try take(part, &course) {
          case .none: continue
          case .done, .again: isBusy = true
          // What stood in its way may stand in the way of all; the failed job itself is not due.
          case .failed: parts.removeAll { $0 == part }
          }
        } catch {
          log.warning(
            "a part of the outbox's work failed",
            metadata: ["part": .string(part.rawValue), "cause": .string(error.description)])
          parts.removeAll { $0 == part }
          if error.concernsAll { return course.putLast(part) }
        }
      }
    }
  }

  /// One job of each kind by turns: a receiver that takes its time must not keep recordings.
  private func take(_ part: Part, _ course: inout Course) throws(PostgresError) -> Outbox.Step {
    switch part {
    case .giveUpUploads: if course.isTime(for: part) { try giveUpUploads() }
    case .forgetUploads: if course.isTime(for: part) { try outbox.forgetOldUploads() }
    case .expireRecordings: try course.walk.goOn(outbox)
    case .forgetDeletions: try outbox.forgetDeletions()
    case .delete: return try outbox.doDueJob(.delete, uploadTimeout: uploadTimeout)
    case .publish: return try outbox.doDueJob(.publish, uploadTimeout: uploadTimeout)
    case .webhook: return try outbox.doDueJob(.webhook, uploadTimeout: uploadTimeout)
    }
    return .none
  }

  private func giveUpUploads() throws(PostgresError) {
    let count = try outbox.giveUpUploads(olderThan: uploadTimeout)
    if count > 0 {
      log.warning("uploads given up", metadata: ["count": .stringConvertible(count)])
    }
  }
}
