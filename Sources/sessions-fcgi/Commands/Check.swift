// The subcommand `check`: says whether everything that is needed is there.

internal import ArgumentParser
internal import Glibc
internal import OpenSSL
internal import POSIX
internal import Postgres
internal import R2
internal import Sessions

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say whether database, bucket, credentials and clock are fine; 0 only if all are.")

  @Flag(help: "Say only what is not fine, as cron wants it.")
  var quiet = false

  @Option(help: "Also see whether the web server can connect to this Unix socket of `serve`.")
  var socket: String?

  @Option(help: "Who the web server is, for --socket.")
  var webServerUser: String = "www-data"

  @OptionGroup var settings: SettingsOptions

  /// A clock further off than this is a fault; storage refuses requests at 15 minutes.
  private static let maxClockSkewSeconds = 60
  private static let timeout: Duration = .seconds(15)

  func run() throws {
    let application: Application
    do {
      application = try Application(
        Configuration.fromEnvironment(file: settings.envFile), poolSize: 1)
    } catch {
      Diagnostics.report(error)
      throw ExitCode.failure
    }
    if !quiet { print("configuration: fine") }
    var results = [
      examine("temporary files") { try checkTemporaryDirectory(application) },
      examine("database") { try checkDatabase(application) },
      examine("storage") { try checkStorage(application) },
      examine("outbox") { try checkOutbox(application) },
    ]
    if let socket {
      results.append(examine("socket") { try checkSocket(socket) })
    }
    if results.contains(false) { throw ExitCode.failure }
  }

  /// Runs one check and prints its line.
  private func examine(_ name: String, _ check: () throws -> String) -> Bool {
    do {
      let result = try check()
      if !quiet { print("\(name): \(result)") }
      return true
    } catch {
      print("\(name): NOT fine: \(error)")
      return false
    }
  }

  private func checkTemporaryDirectory(_ application: Application) throws -> String {
    let directory = application.service.settings.temporaryDirectory
    _ = try OwnedDescriptor.temporaryFile(in: directory)
    return try isMemoryBacked(directory)
      ? "fine, but on a tmpfs: uploads take memory while they come in" : "fine"
  }

  private func checkDatabase(_ application: Application) throws -> String {
    try application.schemaCheck.requireSchema()
    try application.schemaCheck.requireColumns()
    try application.schemaCheck.requireRights()
    guard try application.schemaCheck.hasTrigger() else { throw SchemaError.triggerMissing }
    let now: Statement = "SELECT extract(epoch FROM clock_timestamp())::bigint"
    let result = try application.pool.execute(
      now, until: .after(Check.timeout), repetition: .allowed)
    try requireClock(aheadOfOurs: result.int(0, 0) - time(nil))
    let isRuled = try application.schemaCheck.hasOwnersRule()
    let rule = isRuled ? ", with a rule of its own for uploads" : ""
    return "fine (schema version \(Migrator.latestVersion)\(rule))"
  }

  private func checkStorage(_ application: Application) throws -> String {
    let status = try application.explainingStorage { (storage) throws(R2Error) in
      try storage.checkBucket(deadline: .after(Check.timeout))
    }
    if let skew = status.clockSkewSeconds { try requireClock(aheadOfOurs: skew) }
    try checkWriting(application)
    let fine = "fine (the bucket takes an object of ours, and deletes it)"
    return application.storage.deletesByItself(deadline: .after(Check.timeout))
      ? fine + ", but a lifecycle rule of the bucket deletes objects by itself" : fine
  }

  /// Stores an empty object and deletes it, outside the recordings: credentials that may only read
  /// see the bucket as well as any.
  private func checkWriting(_ application: Application) throws {
    guard let key = ObjectKey("sessions-fcgi-check/\(try SessionID.make())") else {
      preconditionFailure("not a key")
    }
    let empty = try OwnedDescriptor.temporaryFile(
      in: application.service.settings.temporaryDirectory)
    _ = try application.explainingStorage { (storage) throws(R2Error) in
      try storage.put(
        file: empty, byteCount: 0, sha256: SHA256().finalize(), key: key,
        contentType: "application/octet-stream", deadline: .after(Check.timeout))
    }
    do throws(R2Error) {
      _ = try application.storage.delete(key, deadline: .after(Check.timeout))
    } catch {
      throw Undeletable(reason: error)
    }
  }

  private struct Undeletable: Error, CustomStringConvertible {
    let reason: R2Error
    var description: String {
      "it stores, but deletes nothing: \(reason); do the keys have Object Read & Write, or is there"
        + " a bucket lock?"
    }
  }

  /// What has failed for so long that it will hardly succeed by itself.
  private func checkOutbox(_ application: Application) throws -> String {
    let failures = try application.outbox.lastingFailures()
    guard failures.isEmpty else { throw Failing(failures: failures) }
    return "fine"
  }

  private struct Failing: Error, CustomStringConvertible {
    let failures: [Outbox.LastingFailure]
    var description: String {
      failures.map { failure in
        let noun = failure.kind == "delete" ? "deletions" : "announcements"
        return "\(failure.count) \(noun) fail, the oldest for \(failure.hours) hours: "
          + failure.lastError
      }.joined(separator: "; ")
    }
  }

  private func checkSocket(_ path: String) throws -> String {
    let access = try SocketAccess(of: webServerUser, to: path)
    return access.isOpenToAll
      ? "fine, but open to everybody on this machine, who so can be every user" : "fine"
  }

  private func requireClock(aheadOfOurs seconds: Int) throws {
    guard abs(seconds) <= Check.maxClockSkewSeconds else { throw ClockSkew(seconds: seconds) }
  }

  private struct ClockSkew: Error, CustomStringConvertible {
    let seconds: Int
    var description: String {
      "it works, but its clock is \(abs(seconds)) s \(seconds > 0 ? "ahead of" : "behind") ours"
    }
  }
}
