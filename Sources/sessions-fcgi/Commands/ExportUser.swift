// The subcommand `export`: all that is kept of a user, as a tar archive.

internal import ArgumentParser
internal import POSIX
internal import Sessions
internal import SystemPackage

struct ExportUser: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write all that is kept of a user to a tar archive.",
    discussion: """
      Rows are JSON, recordings are as they are stored. Ends with 0 if the archive holds all; with \
      3 if it does, but for recordings that the storage does not have any more, which are named; \
      and with 1 if something could not be read: then there is no file, and what went to standard \
      output lacks the archive's end. The app's other tables are not in it.
      """)

  @Option(help: "The user's externalId, as the web server tells it (REMOTE_USER).")
  var user: String

  @Option(help: "The file, which must not be there yet; - is standard output.")
  var to: String

  @OptionGroup var settings: SettingsOptions

  private static let somethingIsMissing = ExitCode(3)

  func run() throws {
    do {
      let application = try Application(
        Configuration.fromEnvironment(file: settings.envFile, checksTemporaryDirectory: false),
        poolSize: 1, serverTimeout: Application.commandServerTimeout)
      try application.schemaCheck.requireSchema()
      let counts = try to == "-" ? write(application) : writeFile(application)
      for id in counts.withoutObject {
        Diagnostics.report("session without its object: \(id)")
      }
      // Standard output may be the archive.
      Diagnostics.report(
        "\(counts.sessions) sessions, \(counts.objects) objects of \(counts.byteCount) bytes")
      if !counts.withoutObject.isEmpty { throw ExportUser.somethingIsMissing }
    } catch let code as ExitCode {
      throw code
    } catch {
      Diagnostics.report(error)
      throw ExitCode.failure
    }
  }

  private func write(_ application: Application) throws -> Export.Counts {
    try export(application, to: try OwnedDescriptor.standardOutput())
  }

  private func writeFile(_ application: Application) throws -> Export.Counts {
    do {
      let file = try WholeFile(to)
      let counts = try export(application, to: try file.descriptor.duplicate())
      try file.finish()
      return counts
    } catch let error as Errno {
      throw ExportError.output(error)
    }
  }

  private func export(
    _ application: Application, to output: consuming OwnedDescriptor
  ) throws -> Export.Counts {
    try Export.begin(
      of: user, pool: application.pool, schema: application.schema, storage: application.storage,
      to: output
    ).write()
  }
}
