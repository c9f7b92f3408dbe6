// The outbox: doing what the database says is still to be done.

internal import HTTPSyntax
package import Logging
internal import POSIX
package import Postgres
package import QStash
package import R2
package import SystemPackage

/// Does the jobs of `sessions_fcgi.jobs`.
///
/// A job is claimed by a lock on its row, held by a transaction that stays open while the job is
/// done. So any number of processes on any number of hosts share them, and the jobs of one that
/// dies are free as soon as its connection is gone.
package final class Outbox: Sendable {
  let pool: ConnectionPool
  private let requests: ConnectionPool
  private let storage: R2Client
  private let publisher: QStashPublisher?
  let statements: OutboxStatements
  let retention: RetentionPolicy
  private let log: Logger
  private let work: Event

  /// - Parameters:
  ///   - pool: one of its own: requests must not wait for a connection that a slow job holds.
  ///   - requests: the requests' own, for what is done on their behalf.
  ///   - publisher: tells the processing of uploads; nil where there is none.
  ///   - retention: how long recordings are kept.
  package init(
    pool: ConnectionPool, requests: ConnectionPool, schema: QuotedIdentifier, storage: R2Client,
    publisher: QStashPublisher?, retention: RetentionPolicy = RetentionPolicy(), log: Logger
  ) throws(Errno) {
    self.pool = pool
    self.requests = requests
    self.storage = storage
    self.publisher = publisher
    self.retention = retention
    self.log = log
    statements = OutboxStatements(schema: schema)
    work = try Event()
  }

  /// Whether uploads are to be published.
  var publishes: Bool { publisher != nil }

  /// Says that there may be a job that is due.
  package func wake() { work.signal() }

  /// Closes what has idled for too long, which on a quiet server no request would do.
  func closeIdleConnections() {
    storage.closeIdleConnections()
    requests.closeIdleConnections()
  }

  /// Waits until there may be work, at most for `duration`.
  func waitForWork(atMost duration: Duration) {
    // A flag that cannot be lowered has the next look come at once, which does no harm.
    if work.wait(atMost: duration) { try? work.clear() }
  }

  /// What came of looking for a job.
  package enum Step: Equatable, Sendable {
    case none
    case done
    /// Done for now; it is to be done once more, since a PUT that was cut off may still land.
    case again
    case failed
  }

  /// What one job may take. The end of the process waits for it.
  private static let jobTimeout: Duration = .seconds(12)

  /// What can be done; what stands in the way of one kind need not stand in the way of another.
  enum Kind: CaseIterable { case delete, publish }

  /// Does one job of a kind that is due.
  ///
  /// - Parameter uploadTimeout: how long after an upload's last sign of life its PUT may land.
  func doDueJob(_ kind: Kind, uploadTimeout: Duration) throws(PostgresError) -> Step {
    let claim =
      switch kind {
      case .delete: statements.claimDueDelete
      case .publish: statements.claimDuePublish
      }
    return try doJob(claim, [], uploadTimeout)
  }

  /// Does one job, due or not.
  ///
  /// - Parameter uploadTimeout: how long after an upload's last sign of life its PUT may land.
  package func doJob(_ id: Int64, uploadTimeout: Duration) throws(PostgresError) -> Step {
    try doJob(statements.claim, [.integer(id)], uploadTimeout)
  }

  private func doJob(
    _ claim: Statement, _ choice: [Parameter], _ uploadTimeout: Duration
  ) throws(PostgresError) -> Step {
    let deadline = Deadline.after(Outbox.jobTimeout)
    return try pool.withConnection(until: deadline) { (connection) throws(PostgresError) in
      _ = try connection.execute(statements.start, until: deadline)
      let seconds = Parameter.integer(uploadTimeout.components.seconds)
      let result = try connection.execute(claim, [seconds] + choice, until: deadline)
      guard result.rowCount > 0 else {
        _ = try connection.execute(statements.end, until: deadline)
        return .none
      }
      let job = try Job(result)
      let id = Parameter.integer(job.id)
      let step: Step
      let (outcome, values): (Statement, [Parameter])
      do throws(JobError) {
        if !isAwaited(job) { try perform(job, until: deadline) }
        step = job.mayLandLater ? .again : .done
        (outcome, values) = ending(of: job, id, seconds)
      } catch {
        report(job, error)
        step = .failed
        (outcome, values) = (statements.postpone, [id, .text(error.description)])
      }
      _ = try connection.execute(outcome, values, until: .after(.seconds(10)))
      _ = try connection.execute(statements.end, until: .after(.seconds(10)))
      return step
    }
  }

  /// Whether the app works on a recording again that had fallen due.
  private func isAwaited(_ job: Job) -> Bool {
    job.sessionStatus.map { !retention.statuses.contains($0) } ?? false
  }

  private func ending(
    of job: Job, _ id: Parameter, _ seconds: Parameter
  ) -> (Statement, [Parameter]) {
    if job.mayLandLater { return (statements.keep, [id, seconds]) }
    if case .delete(let key) = job.task, job.sessionStatus != nil, !isAwaited(job) {
      return (statements.removeExpired, [id, .text(job.sessionID), .text(key.text)])
    }
    return (statements.remove, [id])
  }

  /// How many uploads began longer than `timeout` ago.
  package func countUploads(olderThan timeout: Duration) throws(PostgresError) -> Int {
    let result = try pool.execute(
      statements.countStale, [.integer(timeout.components.seconds)], until: .after(.seconds(30)),
      repetition: .allowed)
    return try result.int(0, 0)
  }

  /// Gives up uploads that began longer than `timeout` ago: their sessions become FAILED, and what
  /// may be in storage is to be deleted.
  ///
  /// - Returns: how many.
  package func giveUpUploads(olderThan timeout: Duration) throws(PostgresError) -> Int {
    let result = try pool.execute(
      statements.giveUp, [.integer(timeout.components.seconds)], until: .after(.seconds(30)),
      repetition: .allowed)
    return try result.int(0, 0)
  }

  /// Forgets uploads after their 24 hours.
  package func forgetOldUploads() throws(PostgresError) {
    _ = try pool.execute(statements.forget, until: .after(.seconds(30)), repetition: .allowed)
  }

  /// The jobs that there are: those that failed least come first, and of these the oldest.
  package func jobs() throws(PostgresError) -> [(id: Int64, kind: String)] {
    let result = try pool.execute(
      statements.all, until: .after(.seconds(30)), repetition: .allowed)
    var jobs: [(id: Int64, kind: String)] = []
    for row in 0..<result.rowCount {
      jobs.append((try result.int64(row, 0), try result.text(row, 1)))
    }
    return jobs
  }

  /// Jobs of one kind that have failed for over an hour.
  package struct LastingFailure: Sendable {
    package let kind: String
    package let count: Int
    package let hours: Int
    /// What the one that failed most often failed with; safe to log.
    package let lastError: String
  }

  package func lastingFailures() throws(PostgresError) -> [LastingFailure] {
    let result = try pool.execute(
      statements.lastingFailures, until: .after(.seconds(30)), repetition: .allowed)
    var failures: [LastingFailure] = []
    for row in 0..<result.rowCount {
      failures.append(
        LastingFailure(
          kind: try result.text(row, 0), count: try result.int(row, 1),
          hours: try result.int(row, 2), lastError: try result.text(row, 3)))
    }
    return failures
  }

  private func perform(_ job: Job, until deadline: Deadline) throws(JobError) {
    switch job.task {
    case .delete(let key):
      do { try storage.delete(key, until: deadline) } catch { throw .storage(error) }
    case .publish:
      guard let publisher else { throw .noPublisher }
      do {
        try publisher.publish(sessionID: job.sessionID, deadline: deadline)
      } catch {
        throw .publisher(error)
      }
    case .impossible(let error): throw error
    }
  }

  private func report(_ job: Job, _ error: JobError) {
    log.warning(
      "a job failed and will be tried again",
      metadata: [
        "job": .stringConvertible(job.id), "session": .string(job.sessionID),
        "attempts": .stringConvertible(job.attempts + 1), "cause": .string(error.description),
      ])
  }
}

/// Why a job was not done. What it says is safe to log and to keep.
private enum JobError: Error, CustomStringConvertible {
  case storage(R2Error)
  case publisher(QStashError)
  case noPublisher
  case badKey
  case unknownKind
  case unreadable(PostgresError)

  var description: String {
    switch self {
    case .storage(let error): error.description
    case .publisher(let error): error.description
    case .noPublisher: "QSTASH_TOKEN and APP_URL are not set"
    case .badKey: "the job names no possible object"
    case .unknownKind: "the job is of a kind that this program does not know"
    case .unreadable(let error): "the job cannot be read: \(error)"
    }
  }
}

/// One claimed job.
private struct Job {
  enum Task {
    case delete(ObjectKey)
    case publish
    case impossible(JobError)
  }

  let id: Int64
  private(set) var sessionID = ""
  private(set) var attempts = 0
  private(set) var mayLandLater = false
  /// That of the session, if it still has the recording that is to be deleted.
  private(set) var sessionStatus: String?
  private(set) var task: Task

  /// One that cannot be read fails as any other does: it would be the next one for ever.
  init(_ result: borrowing QueryResult) throws(PostgresError) {
    id = try result.int64(0, 0)
    task = .impossible(.badKey)
    do {
      attempts = try result.int(0, 4)
      mayLandLater = try result.bool(0, 5)
      sessionID = try result.text(0, 2)
      sessionStatus = try result.optionalText(0, 6)
      switch try result.text(0, 1) {
      case "publish": task = .publish
      case "delete":
        if let key = try result.optionalText(0, 3).flatMap(ObjectKey.init) { task = .delete(key) }
      default: task = .impossible(.unknownKind)
      }
    } catch {
      task = .impossible(.unreadable(error))
    }
  }
}
