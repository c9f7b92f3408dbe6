// The subcommand `erase`: the end of a user.

internal import ArgumentParser
internal import Glibc
internal import Sessions

struct EraseUser: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "erase",
    abstract: "Delete all that is kept of a user; there is no way back.",
    discussion: """
      Says first what the foreign keys of the app's other tables make of it. Uploads that are \
      under way end without success; what was cut off may land for UPLOAD_TIMEOUT_SECONDS, and is \
      waited for. It may be repeated at any time, also after it was killed, and ends with 0 once \
      nothing is left. Where a table refuses, all but the row that it refers to goes, and the \
      status is 1. Close the user's access first: whoever uploads again is a new user.
      """)

  @Option(help: "The user's externalId, as the web server tells it (REMOTE_USER).")
  var user: String

  @Flag(help: "Only say what the foreign keys of other tables would do.")
  var dryRun = false

  @OptionGroup var settings: SettingsOptions

  func run() throws {
    do {
      let configuration = try Configuration.fromEnvironment(
        file: settings.envFile, checksTemporaryDirectory: false)
      let application = try Application(
        configuration, poolSize: 1, serverTimeout: Application.commandServerTimeout)
      try application.schemaCheck.requireSchema()
      let erasure = Erasure(
        pool: application.pool, schema: application.schema, storage: application.storage,
        outbox: application.outbox, uploadTimeout: configuration.uploadTimeout)
      let keys = try erasure.foreignKeys()
      for key in keys { print(key.description) }
      // Before it begins, also where standard output is a pipe.
      fflush(nil)
      if dryRun { return }
      let outcome = try erasure.erase(user, keys) { print($0) }
      try tell(outcome)
    } catch let code as ExitCode {
      throw code
    } catch {
      Diagnostics.report(error)
      throw ExitCode.failure
    }
  }

  private func tell(_ outcome: Erasure.Outcome) throws {
    if !outcome.isKnown { print("there is no such user (any more)") }
    print(
      "deleted \(outcome.sessions) sessions and \(outcome.deletions) objects, "
        + "forgot \(outcome.uploads) uploads")
    guard outcome.refusing.isEmpty else {
      let tables = outcome.refusing.sorted().joined(separator: ", ")
      Diagnostics.report("a row stays, emptied: \(tables) refuses its deletion")
      throw ExitCode.failure
    }
  }
}
