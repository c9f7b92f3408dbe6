// What the subcommands that serve a socket have in common.

internal import ArgumentParser
internal import Gateway
internal import POSIX

/// A subcommand that answers requests until a signal ends it.
protocol ServerCommand: ParsableCommand {
  var workers: Int { get }
  var drainSeconds: Int { get }

  /// Answers requests; what it throws ends the process, as a line of the log.
  func serve() throws
}

extension ServerCommand {
  func requireRanges() throws {
    guard (1...1024).contains(workers) else {
      throw ValidationError("--workers must be from 1 to 1024")
    }
    guard (0...86_400).contains(drainSeconds) else {
      throw ValidationError("--drain-seconds must be from 0 to 86400")
    }
  }

  func run() throws {
    // Before the first thread, so that every thread inherits it.
    Signals.block()
    MemoryAllocator.limitArenas()
    FastCGIConnection.initializeLibrary()
    do {
      try serve()
    } catch {
      Diagnostics.log(error)
      throw ExitCode.failure
    }
  }
}
