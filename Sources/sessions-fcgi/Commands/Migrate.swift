// The subcommand `migrate`: brings the database to this program's schema.

internal import ArgumentParser
internal import Glibc
internal import POSIX
internal import Sessions

struct Migrate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Bring the database up to date; may be repeated, also beside the app.",
    discussion: """
      Before a newer program is started, its migrate is run; the older one works on meanwhile. \
      To go back, start the older program; the database stays as it is.

      --status ends with 0 if nothing is left to do, with 3 if something is, and with 1 if that \
      cannot be told.
      """)

  @Flag(help: "Only say what has been done.")
  var status = false

  @Flag(
    help: """
      Remove our schema and trigger instead; the app's tables stay. An owner's may_upload is \
      printed.
      """)
  var uninstall = false

  @OptionGroup var settings: SettingsOptions

  private static let somethingIsLeft = ExitCode(3)
  /// Waiting for another process that migrates included.
  private static let timeout: Duration = .seconds(120)

  mutating func validate() throws {
    if status && uninstall { throw ValidationError("--status and --uninstall exclude each other") }
  }

  func run() throws {
    do {
      let application = try Application(
        Configuration.fromEnvironment(file: settings.envFile), poolSize: 1,
        serverTimeout: Application.commandServerTimeout)
      let deadline = Deadline.after(Migrate.timeout)
      if status {
        try report(application, until: deadline)
      } else if uninstall {
        try application.migrator.uninstall(until: deadline, keepingRule: Migrate.isPrinted)
        print("sessions-fcgi: removed from the database")
      } else {
        try application.migrator.migrate(until: deadline)
        print("sessions-fcgi: the database is ready (version \(Migrator.latestVersion))")
      }
    } catch let code as ExitCode {
      throw code
    } catch {
      Diagnostics.report(error)
      throw ExitCode.failure
    }
  }

  /// Whether whoever reads our output has got it.
  private static func isPrinted(_ sql: String) -> Bool {
    print("-- sessions_fcgi.may_upload as it was:\n\(sql);")
    return fflush(nil) == 0
  }

  private func report(_ application: Application, until deadline: Deadline) throws {
    let migrations = try application.migrator.status(until: deadline)
    for migration in migrations {
      print("\(migration.version) \(migration.name): \(migration.state.text)")
    }
    var isComplete = migrations.allSatisfy { $0.state.isApplied }
    if isComplete, try !application.schemaCheck.hasTrigger() {
      print("\(SchemaError.triggerMissing)")
      isComplete = false
    }
    if !isComplete { throw Migrate.somethingIsLeft }
  }
}

extension MigrationStatus.State {
  fileprivate var text: String {
    switch self {
    case .pending: "pending"
    case .applied(let time): "applied at \(time)"
    case .changed: "applied with another text than this program has"
    case .unknown: "applied by a newer program"
    }
  }

  fileprivate var isApplied: Bool {
    switch self {
    case .applied, .unknown: true
    case .pending, .changed: false
    }
  }
}
