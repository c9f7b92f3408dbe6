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
    let arguments = Array(commandLineArguments().dropFirst())
    // The parser says the same, but looks for conformances in all of the program before: nearly
    // half of the time.
    if arguments == ["--version"] { return print(version) }
    do {
      var command = try parseAsRoot(arguments)
      try command.run()
    } catch {
      let code = exitCode(for: error)
      let message = fullMessage(for: error)
      if code.isSuccess {
        print(message)
      } else if !message.isEmpty {
        Diagnostics.report(message)
      }
      // What a shell user expects of a wrong command line, where sysexits.h has 64.
      Glibc.exit(code == .validationFailure ? 2 : code.rawValue)
    }
  }
}
