// The subcommand `migrate`: makes the tables that are missing.

internal import ArgumentParser
internal import POSIX
internal import Postgres
internal import Sessions

struct Migrate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make what is missing in the database; may be repeated, also beside the app.")

  @Flag(help: "Remove our schema and trigger instead; the app's tables stay.")
  var uninstall = false

  func run() throws {
    do {
      let application = try Application(Configuration.fromEnvironment(), poolSize: 1)
      if uninstall {
        try application.run(application.migration.uninstallScript)
        print("sessions-fcgi: removed from the database")
        return
      }
      try application.run(application.migration.script)
      try application.requireAppTables()
      print("sessions-fcgi: the database is ready (version \(Migration.version))")
    } catch {
      Diagnostics.report(error)
      throw ExitCode.failure
    }
  }
}

/// Why the database cannot be worked with as it is.
enum SchemaError: Error, CustomStringConvertible {
  case missing
  case older(version: Int)
  case otherApp
  case tablesMissing(String)
  case triggerMissing
  case readOnly
  case rightsMissing(String)

  var description: String {
    switch self {
    case .missing: "the database is not prepared; run: sessions-fcgi migrate"
    case .older(let version):
      "the database has version \(version) of our schema, this program needs "
        + "\(Migration.version); run: sessions-fcgi migrate"
    case .otherApp:
      "sessions_fcgi in this database serves another schema than the one that DATABASE_URL names"
    case .readOnly: "the database only reads, as a standby does"
    case .rightsMissing(let rights): "the role lacks the rights for: \(rights)"
    case .triggerMissing:
      "the trigger on speaking_sessions is missing, so sessions that others delete would leave "
        + "their recordings behind; run: sessions-fcgi migrate"
    case .tablesMissing(let names):
      "the app's tables are incomplete (missing: \(names)); run the app's own migrations"
    }
  }
}

extension Application {
  /// Waiting for another process that migrates included.
  private static let migrationTimeout: Duration = .seconds(120)
  private static let checkTimeout: Duration = .seconds(15)

  func run(_ script: Statement) throws(PostgresError) {
    let deadline = Deadline.after(Application.migrationTimeout)
    try pool.withConnection(until: deadline) { (connection) throws(PostgresError) in
      try connection.executeScript(script, until: deadline)
    }
  }

  /// - Throws: a `SchemaError` that says what to do.
  func requireSchema() throws {
    let version: Int
    let isOurs: Bool
    do throws(PostgresError) {
      let result = try pool.execute(
        migration.installed, until: .after(Application.checkTimeout), repetition: .allowed)
      version = try result.optionalInt(0, 0) ?? 0
      isOurs = try result.optionalBool(0, 1) ?? false
    } catch {
      guard error.state == .undefinedTable || error.state == .undefinedColumn else { throw error }
      throw SchemaError.missing
    }
    guard version >= Migration.version else { throw SchemaError.older(version: version) }
    guard isOurs else { throw SchemaError.otherApp }
    try requireAppTables()
  }

  /// Whether deletions by others leave a job for the recording.
  func hasTrigger() throws(PostgresError) -> Bool {
    try pool.execute(
      migration.hasTrigger, until: .after(Application.checkTimeout), repetition: .allowed
    ).bool(0, 0)
  }

  /// - Throws: a `SchemaError` where a statement of an upload or a deletion would be refused.
  func requireRights() throws {
    let result = try pool.execute(
      migration.rights, until: .after(Application.checkTimeout), repetition: .allowed)
    guard try !result.bool(0, 0) else { throw SchemaError.readOnly }
    if let rights = try result.optionalText(0, 1) { throw SchemaError.rightsMissing(rights) }
  }

  func requireAppTables() throws {
    let result = try pool.execute(
      migration.missingTables, until: .after(Application.checkTimeout), repetition: .allowed)
    if let names = try result.optionalText(0, 0) { throw SchemaError.tablesMissing(names) }
  }
}
