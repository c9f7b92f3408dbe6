// The outbox: doing what the database says is still to be done.

internal import Glibc
internal import HTTPSyntax
package import Logging
internal import POSIX
package import Postgres
package import QStash
package import R2
internal import Synchronization
package import SystemPackage
package import Webhook

/// Does the jobs of `sessions_fcgi.jobs`, and sends what is in `sessions_fcgi.webhooks`.
///
/// A job is claimed by a lock on its row, held by a transaction that stays open while the job is
/// done. So any number of processes on any number of hosts share them, and the jobs of one that
/// dies are free as soon as its connection is gone.
package final class Outbox: Sendable {
  let pool: ConnectionPool
  private let requests: ConnectionPool
  private let storage: R2Client
  private let publisher: QStashPublisher?
  private let webhooks: WebhookSender?
  let statements: OutboxStatements
  let retention: RetentionPolicy
  private let log: Logger
  private let work: Event
  /// Keys whose objects are gone and whose jobs may still be there.
  let finishedDeletions = Mutex<[String]>([])

  /// - Parameters:
  ///   - pool: one of its own: requests must not wait for a connection that a slow job holds.
  ///   - requests: the requests' own, for what is done on their behalf.
  ///   - publisher: tells the processing of uploads; nil where there is none.
  ///   - webhooks: the same, by signed requests to the app itself.
  ///   - retention: how long recordings are kept.
  package init(
    pool: ConnectionPool, requests: ConnectionPool, schema: QuotedIdentifier, storage: R2Client,
    publisher: QStashPublisher?, webhooks: WebhookSender? = nil,
    retention: RetentionPolicy = RetentionPolicy(), log: Logger
  ) throws(Errno) {
    self.pool = pool
    self.requests = requests
    self.storage = storage
    self.publisher = publisher
    self.retention = retention
    self.webhooks = webhooks
    self.log = log
    statements = OutboxStatements(schema: schema)
    work = try Event()
  }

  /// What is to tell of an upload.
  func announcement(traceparent: String?) -> Announcement {
    Announcement(
      isPublished: publisher != nil, isSentByWebhook: webhooks != nil, traceparent: traceparent)
  }

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

  /// What one job may take, but for a webhook. The end of the process waits within the drain time.
  private static let jobTimeout: Duration = .seconds(12)

  /// What the app may take to answer a webhook.
  private static let webhookTimeout: Duration = .seconds(15)

  /// What can be done; what stands in the way of one kind need not stand in the way of another.
  enum Kind { case delete, publish, webhook }

  /// Does one job of a kind that is due.
  ///
  /// - Parameter uploadTimeout: how long after an upload's last sign of life its PUT may land.
  func doDueJob(_ kind: Kind, uploadTimeout: Duration) throws(PostgresError) -> Step {
    let seconds = Parameter.integer(uploadTimeout.components.seconds)
    return switch kind {
    case .delete: try doJob(statements.dueDelete, [seconds], statements.ofJobs, seconds)
    case .publish: try doJob(statements.duePublish, [seconds], statements.ofJobs, seconds)
    case .webhook: try doJob(statements.dueWebhook, [], statements.ofWebhooks, seconds)
    }
  }

  /// Does one job, due or not.
  ///
  /// - Parameter uploadTimeout: how long after an upload's last sign of life its PUT may land.
  package func doJob(_ job: JobName, uploadTimeout: Duration) throws(PostgresError) -> Step {
    let (id, seconds) = (
      Parameter.integer(job.id), Parameter.integer(uploadTimeout.components.seconds)
    )
    return job.kind == OutboxStatements.webhook
      ? try doJob(statements.namedWebhook, [id], statements.ofWebhooks, seconds, name: [id])
      : try doJob(statements.named, [seconds, id], statements.ofJobs, seconds, name: [id])
  }

  /// Does one job, or postpones it where a statement fails that has to do with it.
  private func doJob(
    _ choice: OutboxStatements.Choice, _ values: [Parameter], _ table: OutboxStatements.Table,
    _ seconds: Parameter, name: [Parameter] = []
  ) throws(PostgresError) -> Step {
    do throws(PostgresError) {
      return try doJob(choice.claim, values, table, seconds)
    } catch {
      guard !error.concernsAll else { throw error }
      let postponed = try pool.execute(
        choice.postpone, [.text(error.description)] + name, until: .after(.seconds(10)))
      // There was no job: the statement fails whatever there is.
      guard postponed.rowCount > 0 else { throw error }
      report(
        try postponed.int64(0, 0), of: try postponed.text(0, 1),
        attempts: try postponed.int(0, 2), error.description)
      return .failed
    }
  }

  private func doJob(
    _ claim: Statement, _ choice: [Parameter], _ table: OutboxStatements.Table,
    _ seconds: Parameter
  ) throws(PostgresError) -> Step {
    let deadline = Deadline.after(Outbox.jobTimeout)
    return try pool.withConnection(until: deadline) { (connection) throws(PostgresError) in
      try connection.executeScript(statements.start, until: deadline)
      let result = try connection.execute(claim, choice, until: deadline)
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
        (outcome, values) = ending(of: job, in: table, id, seconds)
      } catch {
        report(job.id, of: job.sessionID, attempts: job.attempts + 1, error.description)
        step = .failed
        (outcome, values) = (table.postpone, [.text(error.description), id])
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
    of job: Job, in table: OutboxStatements.Table, _ id: Parameter, _ seconds: Parameter
  ) -> (Statement, [Parameter]) {
    if job.mayLandLater { return (statements.keep, [id, seconds]) }
    if case .delete(let key) = job.task, job.sessionStatus != nil, !isAwaited(job) {
      return (statements.removeExpired, [id, .text(job.sessionID), .text(key.text)])
    }
    return (table.remove, [id])
  }

  /// While a turn takes long or fails. What is not noted is done once more, which finds nothing.
  private static let maxFinishedDeletions = 10_000

  /// Takes note that a request has deleted the object at `key`.
  package func finishDeletion(of key: ObjectKey) {
    finishedDeletions.withLock { keys in
      if keys.count < Outbox.maxFinishedDeletions { keys.append(key.text) }
    }
  }

  /// Removes the jobs of deletions that requests have finished, with one commit for all: one for
  /// each would cost as much as the deletion itself. One that stays, because the process dies or
  /// the database does not answer, is done once more, which finds nothing.
  package func forgetDeletions() throws(PostgresError) {
    let keys = finishedDeletions.withLock { keys in
      defer { keys = [] }
      return keys
    }
    if keys.isEmpty { return }
    try requests.execute(
      statements.forgetDeletions, [.array(keys)], until: .after(.seconds(5)), repetition: .allowed)
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

  /// Which job it is: webhooks are counted by themselves.
  package struct JobName: Sendable {
    package let id: Int64
    package let kind: String
  }

  /// The jobs that there are: those that failed least come first, and of these the oldest.
  package func jobs() throws(PostgresError) -> [JobName] {
    let result = try pool.execute(
      statements.all, until: .after(.seconds(30)), repetition: .allowed)
    var jobs: [JobName] = []
    for row in 0..<result.rowCount {
      jobs.append(JobName(id: try result.int64(row, 0), kind: try result.text(row, 1)))
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
    case .tell(let message):
      guard let webhooks else { throw .noReceiver }
      do {
        try webhooks.send(message, at: time(nil), until: .after(Outbox.webhookTimeout))
      } catch {
        throw .webhook(error)
      }
    case .nothing: break
    case .impossible(let error): throw error
    }
  }

  private func report(_ id: Int64, of sessionID: String, attempts: Int, _ cause: String) {
    log.warning(
      "a job failed and will be tried again",
      metadata: [
        "job": .stringConvertible(id), "session": .string(sessionID),
        "attempts": .stringConvertible(attempts), "cause": .string(cause),
      ])
  }
}
