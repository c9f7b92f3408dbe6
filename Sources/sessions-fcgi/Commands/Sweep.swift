// The subcommand `sweep`: does what is left to do, for cron where nothing runs all the time.

internal import ArgumentParser
internal import POSIX
internal import Postgres
internal import R2
internal import Sessions

struct Sweep: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Do every job that is left, due or not; `serve` does those that are due by itself.",
    discussion: """
      Uploads that began longer ago than UPLOAD_TIMEOUT_SECONDS (900) are given up: their \
      sessions become FAILED, and what may have reached the storage is deleted. Jobs that another \
      process works on are left to it; those of a process that died are taken over at once. After \
      five failures of a kind in a row the rest of that kind is left for the next time.
      """)

  @Flag(help: "Only say what would be done.")
  var dryRun = false

  @Flag(help: "Then compare the bucket with the tables and list what has no counterpart.")
  var compare = false

  @Flag(help: "Delete objects older than 24 hours that have no session (implies --compare).")
  var removeOrphans = false

  @Flag(help: "Say only what failed or was found, as cron wants it.")
  var quiet = false

  @Flag(help: "Delete them even if they are more than a tenth of all objects.")
  var force = false

  @OptionGroup var settings: SettingsOptions

  /// An object may be there before anybody can see its session.
  private static let minOrphanAgeSeconds = 24 * 3600
  /// Failures of one kind in a row after which the rest of that kind is left for the next time:
  /// where nobody answers, each job takes its whole timeout.
  private static let maxFailuresInARow = 5
  /// Jobs between two lines of progress.
  private static let progressStep = 100

  func run() throws {
    do {
      let configuration = try Configuration.fromEnvironment(file: settings.envFile)
      let application = try Application(
        configuration, poolSize: 1,
        serverTimeout: Application.commandServerTimeout)
      try application.schemaCheck.requireSchema()
      var failed = try sweep(
        application.outbox, configuration.retention, uploadTimeout: configuration.uploadTimeout)
      if compare || removeOrphans { failed += try compare(application) }
      if failed > 0 { throw ExitCode.failure }
    } catch let code as ExitCode {
      throw code
    } catch {
      Diagnostics.report(error)
      throw ExitCode.failure
    }
  }

  /// - Parameter isNews: whether it is said to cron, too.
  private func tell(_ text: String, isNews: Bool = false) {
    if isNews || !quiet { print(text) }
  }

  /// Lists what has no counterpart; of the objects, deletes what may be deleted.
  ///
  /// - Returns: how many deletions failed.
  private func compare(_ application: Application) throws -> Int {
    let scan = OrphanScan(
      pool: application.pool, schema: application.schema, storage: application.storage)
    let counts = try scan.compare(
      minAgeSeconds: Sweep.minOrphanAgeSeconds,
      progress: { tell("\($0) objects compared") },
      report: { finding in
        switch finding {
        case .orphan(let key): print("object without a session: \(key.text)")
        // A row is never removed: what it says of the recording's owner may be all that is left.
        case .missingObject(let id): print("session without its object: \(id)")
        }
      })
    tell(
      "of \(counts.objects) objects \(counts.orphans) have no session; "
        + "\(counts.missing) sessions have no object",
      isNews: counts.orphans + counts.missing > 0)
    if counts.missing > 0 { print("has the bucket a lifecycle rule that deletes objects?") }
    guard removeOrphans else { return 0 }
    guard force || counts.oldOrphans * 10 <= counts.objects else {
      throw TooManyOrphans(count: counts.oldOrphans, of: counts.objects)
    }
    if dryRun {
      print("would delete \(counts.oldOrphans) objects")
      return 0
    }
    return try removeOrphans(of: scan, in: application.storage)
  }

  /// - Returns: how many deletions failed.
  private func removeOrphans(of scan: OrphanScan, in storage: R2Client) throws -> Int {
    var deleted = 0
    var failed = 0
    try scan.forEachOrphan(minAgeSeconds: Sweep.minOrphanAgeSeconds) { key in
      do {
        _ = try storage.delete(key, deadline: .after(.seconds(30)))
        deleted += 1
      } catch {
        print("not deleted: \(key.text): \(error)")
        failed += 1
      }
    }
    tell("deleted \(deleted) objects", isNews: deleted + failed > 0)
    return failed
  }

  private struct TooManyOrphans: Error, CustomStringConvertible {
    let count: Int
    let of: Int
    var description: String {
      "\(count) of \(of) objects have no session, which is over a tenth: is this the right "
        + "database? --force deletes them all the same"
    }
  }

  /// - Returns: how many jobs and other parts failed.
  private func sweep(
    _ outbox: Outbox, _ retention: RetentionPolicy, uploadTimeout: Duration
  ) throws -> Int {
    if dryRun {
      let stale = try outbox.countUploads(olderThan: uploadTimeout)
      let jobs = try outbox.jobs().filter { $0.kind != "upload" }
      if retention.days != nil {
        print("\(try outbox.countExpired()) recordings are due to be deleted")
      }
      print("would give up \(stale) uploads and do \(jobs.count) jobs")
      return 0
    }
    var failedParts = 0
    let givenUpCount = try take("give up uploads", &failedParts) { () throws(PostgresError) in
      try outbox.giveUpUploads(olderThan: uploadTimeout)
    }
    let expired = try take("expire recordings", &failedParts) { () throws(PostgresError) in
      try outbox.expireRecordings(upTo: retention.maxPerHour).count
    }
    if let expired, retention.days != nil { tell("\(expired) recordings have fallen due") }
    let jobs = try outbox.jobs().filter { $0.kind != "upload" }
    var counts: [Outbox.Step: Int] = [:]
    var failuresInARow: [String: Int] = [:]
    for (index, job) in jobs.enumerated()
    where failuresInARow[job.kind, default: 0] < Sweep.maxFailuresInARow {
      let step = try outbox.doJob(job, uploadTimeout: uploadTimeout)
      counts[step, default: 0] += 1
      failuresInARow[job.kind] = step == .failed ? failuresInARow[job.kind, default: 0] + 1 : 0
      if (index + 1).isMultiple(of: Sweep.progressStep) {
        tell("\(index + 1) of \(jobs.count) jobs")
      }
    }
    try take("forget uploads", &failedParts) { () throws(PostgresError) in
      try outbox.forgetOldUploads()
    }
    let left = jobs.count - counts.values.reduce(0, +)
    tell(
      "gave up \(givenUpCount ?? 0) uploads; "
        + "of \(jobs.count) jobs \(counts[.done, default: 0]) are done, "
        + "\(counts[.again, default: 0]) will be done once more, "
        + "\(counts[.none, default: 0]) are in other hands, "
        + "\(counts[.failed, default: 0]) failed, \(left) are left for the next time",
      isNews: counts[.failed, default: 0] > 0)
    return counts[.failed, default: 0] + failedParts
  }

  /// Does a part that, where it fails by itself, keeps no other from being done.
  @discardableResult
  private func take<Value>(
    _ part: String, _ failed: inout Int, _ work: () throws(PostgresError) -> Value
  ) throws(PostgresError) -> Value? {
    do throws(PostgresError) {
      return try work()
    } catch {
      guard !error.concernsAll else { throw error }
      print("\(part): \(error)")
      failed += 1
      return nil
    }
  }
}
