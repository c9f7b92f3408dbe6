// The program and its subcommands.

internal import ArgumentParser
internal import Glibc
internal import POSIX

@main
struct SessionsFCGI: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sessions-fcgi",
    abstract: "Takes recordings for /api/sessions, behind a web server that speaks FastCGI.",
    discussion: "Configured by the environment; see the README.",
    version: version,
    subcommands: [
      Serve.self, Migrate.self, Check.self, Sweep.self, ExportUser.self, EraseUser.self,
      Authorize.self,
    ],
    defaultSubcommand: Serve.self)

  /// As CHANGELOG.md has it.
  static let version = "0.6.0"

  static func main() {
    reserveStandardDescriptors()
    Signals.ignoreWriteSignals()
    // A web server passes words of the query string to a CGI program as its arguments
    // (RFC 3875, section 4.4), so they must not be read: `?--version` is no command.
    if CommonGateway.isCaller {
      CommonGateway.answerRequest()
    } else {
      runCommand()
    }
  }

  private static func runCommand() {
    guard let arguments = commandLineArguments().map({ Array($0.dropFirst()) }) else {
      Diagnostics.report("an argument is not UTF-8")
      Glibc.exit(usageFailure)
    }
    // The parser says the same, but looks for conformances in all of the program before: nearly
    // half of the time.
    if arguments == ["--version"] {
      print(version)
      return requireOutput()
    }
    do {
      try requireCommand(arguments.first)
      var command = try parseAsRoot(arguments)
      try command.run()
      requireOutput()
    } catch {
      let code = exitCode(for: error)
      let message = fullMessage(for: error)
      if code.isSuccess {
        print(message)
        requireOutput()
      } else if !message.isEmpty {
        Diagnostics.report(message)
      }
      Glibc.exit(code == .validationFailure ? usageFailure : code.rawValue)
    }
  }

  /// What a shell user expects of a wrong command line, where sysexits.h has 64.
  private static let usageFailure: CInt = 2

  /// A word that is none would be taken for one of `serve`, which asks for its options first.
  private static func requireCommand(_ word: String?) throws {
    guard let word, !word.hasPrefix("-"), word != "help" else { return }
    let names = configuration.subcommands.map {
      $0.configuration.commandName ?? "\($0)".lowercased()
    }
    guard names.contains(word) else {
      throw ValidationError("no command '\(word)'; 'sessions-fcgi --help' has them")
    }
  }

  /// What a command says is its result: not to have been able to say it is a failure.
  private static func requireOutput() {
    if isOutputWritten() { return }
    Diagnostics.report("standard output could not be written")
    Glibc.exit(EXIT_FAILURE)
  }
}
