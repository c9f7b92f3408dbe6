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
    // Who wakes it has written a job. What time alone brings about is not looked for each time.
    var nextScan = Deadline.after(.zero)
    var walk = RetentionWalk()
    while !isStopping.load(ordering: .acquiring) {
      do throws(PostgresError) {
        if !late.isAwaited { try sweep(&nextScan, &walk) }
      } catch {
        log.warning("the outbox cannot be read", metadata: ["cause": .string(error.description)])
      }
      outbox.closeIdleConnections()
      outbox.waitForWork(atMost: Sweeper.interval)
    }
  }

  private func sweep(
    _ nextScan: inout Deadline, _ walk: inout RetentionWalk
  ) throws(PostgresError) {
    if nextScan.hasPassed {
      try scan()
      nextScan = .after(Sweeper.interval)
    }
    try walk.goOn(outbox)
    for kind in Outbox.Kind.allCases { try doJobs(kind) }
  }

  private func scan() throws(PostgresError) {
    let count = try outbox.giveUpUploads(olderThan: uploadTimeout)
    if count > 0 {
      log.warning("uploads given up", metadata: ["count": .stringConvertible(count)])
    }
    try outbox.forgetOldUploads()
  }

  private func doJobs(_ kind: Outbox.Kind) throws(PostgresError) {
    while !isStopping.load(ordering: .acquiring) {
      switch try outbox.doDueJob(kind, uploadTimeout: uploadTimeout) {
      case .none: return
      case .done, .again: continue
      // What stood in its way may stand in the way of all; the failed job itself is not due.
      case .failed: return
      }
    }
  }
}
