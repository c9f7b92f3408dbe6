// The subcommand `serve`: a FastCGI responder.

internal import ArgumentParser
internal import Glibc
internal import Logging
internal import Observability
internal import POSIX
internal import Postgres
internal import Sessions
internal import SystemPackage

struct Serve: ServerCommand {
  static let configuration = CommandConfiguration(
    abstract: "Answer requests (the default).",
    discussion: """
      Without --listen the socket is the one that the process inherited: file descriptor 0 \
      (spawn-fcgi, mod_fcgid, systemd with StandardInput=socket) or 3 (systemd). Started by a web \
      server without a socket, the program answers one request as a CGI program.
      """)

  @OptionGroup var socket: ListenOptions

  @Option(help: "Requests that are served at the same time.")
  var workers: Int = 16

  @Option(help: "Seconds that requests under way have to end after SIGTERM.")
  var drainSeconds: Int = 60

  @Option(help: "Where /healthz and /metrics are, as for --listen; nowhere unless given.")
  var adminListen: String?

  @OptionGroup var settings: SettingsOptions

  /// What is left to do once the time for requests is over: threads are joined, files closed.
  private static let maxEnding: Duration = .seconds(10)

  mutating func validate() throws {
    try requireRanges()
    if let adminListen, socket.address(adminListen) == nil {
      throw ValidationError("--admin-listen must be a path, or <loopback address>:<port>")
    }
  }

  func serve() throws {
    let configuration = try Configuration.fromEnvironment(file: settings.envFile)
    let application = try Application(configuration, storagePlaces: workers)
    try application.late.lookFirst(by: application.schemaCheck, log: application.log)
    application.warnOfMemoryBackedFiles()
    let parked = ParkedRequests()
    let administration = Administration(
      application, database: configuration.database, workers: workers, parked: parked)
    try serve(application, administration, parked, uploadTimeout: configuration.uploadTimeout)
  }

  /// Answers requests until a signal ends it.
  private func serve(
    _ application: Application, _ administration: Administration, _ parked: ParkedRequests,
    uploadTimeout: Duration
  ) throws {
    let log = application.log
    // All that may fail comes before the first thread, but the starting of threads. The other
    // socket comes first, so that it is there once requests are taken.
    let adminServer = try openAdminListener { administration.response(at: $0) }
    let responder = try makeResponder(application, parked)
    let manager = try ServiceManager.ofThisProcess()
    let sweeper = Sweeper(
      outbox: application.outbox, late: application.late, uploadTimeout: uploadTimeout, log: log)
    var requestThreads = try ThreadGroup()
    var helperThreads = try ThreadGroup()
    var adminThreads = try ThreadGroup()
    let end: Result<Signal, Errno>
    do throws(Errno) {
      try adminServer?.start(in: &adminThreads)
      try sweeper.start(in: &helperThreads)
      try application.leases.startRenewing(in: &helperThreads)
      try application.late.startWaiting(
        in: &helperThreads, by: application.schemaCheck, log: log,
        end: { Signals.send(.terminate) })
      try responder.startUsher(in: &helperThreads)
      try responder.startWatchdog(in: &helperThreads, telling: manager)
      try responder.start(in: &requestThreads)
      log.notice(
        "ready",
        metadata: [
          "version": .string(SessionsFCGI.version), "workers": .stringConvertible(workers),
        ])
      manager.isReady()
      end = .success(waitToStop(application))
    } catch {
      end = .failure(error)
    }
    // Also where a thread could not be started: those that were may have begun on a request, and
    // exit() must not destroy what they use.
    if case .success(let signal) = end {
      log.notice("stopping", metadata: ["signal": .string("\(signal)")])
    }
    manager.isStopping(within: .seconds(drainSeconds) + Serve.maxEnding)
    let deadline = Deadline.after(.seconds(drainSeconds))
    administration.health.beginStopping()
    responder.stopAccepting(endingWithin: .seconds(drainSeconds))
    sweeper.stop()
    application.late.stopWaiting()
    // A slow upload may take minutes, which is longer than a service manager waits before it
    // kills.
    let requestsEnded = requestThreads.join(until: deadline)
    responder.end()
    application.leases.stopRenewing()
    // Not exit(), which would destroy what the other threads still use.
    guard requestsEnded else {
      log.error("requests did not end in time")
      _exit(1)
    }
    // The sweeper may wait for a receiver, say: its job is anybody's once the connection is closed.
    guard helperThreads.join(until: max(deadline, .after(.seconds(1)))) else {
      log.warning("jobs did not end in time")
      let isWell = (try? end.get()) != nil && application.late.failure == nil
      _exit(isWell ? 0 : 1)
    }
    // What requests have deleted since the sweeper's last turn.
    try? application.outbox.forgetDeletions()
    adminServer?.end()
    adminThreads.join()
    if case .failure(let error) = end { throw NoThread(reason: error) }
    if let failure = application.late.failure { throw failure }
    log.notice("stopped")
  }

  private func makeResponder(
    _ application: Application, _ parked: ParkedRequests
  ) throws -> Responder {
    let listener = try socket.openListener()
    do throws(Errno) {
      return try Responder(
        listener: listener, workers: workers, service: application.service, parked: parked,
        log: application.log)
    } catch {
      throw CannotWait(reason: error)
    }
  }

  private struct CannotWait: Error, CustomStringConvertible {
    let reason: Errno
    var description: String { "connections cannot be waited for: \(reason)" }
  }

  private struct NoThread: Error, CustomStringConvertible {
    let reason: Errno
    var description: String { "a thread cannot be started: \(reason)" }
  }

  private func openAdminListener(
    _ respond: @escaping @Sendable (String) -> AdminResponse?
  ) throws -> AdminServer? {
    guard let adminListen, let address = socket.address(adminListen) else { return nil }
    return try AdminServer(listener: try socket.open(address, named: adminListen), respond: respond)
  }
}
