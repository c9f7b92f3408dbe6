// The subcommand `sweep`: does what is left to do, for cron where nothing runs all the time.

internal import ArgumentParser
internal import POSIX
internal import Postgres
internal import Sessions

struct Sweep: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Do every job that is left, due or not; `serve` does those that are due by itself.",
    discussion: """
      Uploads that began longer ago than UPLOAD_TIMEOUT_SECONDS (900) are given up: their \
      sessions become FAILED, and what may have reached the storage is deleted. Jobs that another \
      process works on are left to it; those of a process that died are taken over at once.
      """)

  @Flag(help: "Only say what would be done.")
  var dryRun = false

  /// Jobs between two lines of progress.
  private static let progressStep = 100

  func run() throws {
    do {
      let configuration = try Configuration.fromEnvironment()
      let application = try Application(configuration, poolSize: 1)
      try application.requireSchema()
      let failed = try sweep(application.outbox, uploadTimeout: configuration.uploadTimeout)
      if failed > 0 { throw ExitCode.failure }
    } catch let code as ExitCode {
      throw code
    } catch {
      Diagnostics.report(error)
      throw ExitCode.failure
    }
  }

  /// - Returns: how many jobs failed.
  private func sweep(_ outbox: Outbox, uploadTimeout: Duration) throws -> Int {
    if dryRun {
      let stale = try outbox.countUploads(olderThan: uploadTimeout)
      let jobs = try outbox.jobs().filter { $0.kind != "upload" }
      print("would give up \(stale) uploads and do \(jobs.count) jobs")
      return 0
    }
    let givenUp = try outbox.giveUpUploads(olderThan: uploadTimeout)
    let jobs = try outbox.jobs().filter { $0.kind != "upload" }
    var counts: [Outbox.Step: Int] = [:]
    for (index, job) in jobs.enumerated() {
      counts[try outbox.doJob(job.id, uploadTimeout: uploadTimeout), default: 0] += 1
      if (index + 1).isMultiple(of: Sweep.progressStep) {
        print("\(index + 1) of \(jobs.count) jobs")
      }
    }
    try outbox.forgetOldUploads()
    print(
      "gave up \(givenUp) uploads; of \(jobs.count) jobs \(counts[.done, default: 0]) are done, "
        + "\(counts[.again, default: 0]) will be done once more, "
        + "\(counts[.none, default: 0]) are in other hands, "
        + "\(counts[.failed, default: 0]) failed")
    return counts[.failed, default: 0]
  }
}
