// The subcommand `authorize`: tells nginx who a request is from.

internal import ArgumentParser
internal import Gateway
internal import Glibc
internal import Logging
internal import Observability
internal import POSIX
internal import SystemPackage

struct Authorize: ServerCommand {
  static let configuration = CommandConfiguration(
    abstract: "Answer nginx's auth_request from Auth.js's cookies and bearer tokens.",
    discussion: """
      Needs neither database nor storage; configured by AUTH_SECRET, AUTH_JWT_SECRET or \
      AUTH_JWKS_FILE (see the README). Without --listen the socket is the one that the process \
      inherited, as for serve.
      """)

  @OptionGroup var socket: ListenOptions

  @Option(help: "Requests that are answered at the same time.")
  var workers: Int = 4

  @Option(help: "Seconds that requests under way have to end after SIGTERM.")
  var drainSeconds: Int = 24

  @OptionGroup var settings: SettingsOptions

  mutating func validate() throws {
    try requireRanges()
  }

  func serve() throws {
    let configuration = try AuthorizerSettings.fromEnvironment(file: settings.envFile)
    let sink = try Application.openLog(configuration.logFile)
    let log = Application.logger(configuration.logLevel, configuration.logFormat, to: sink)
    let authorizer = try Authorizer(configuration, log: log)
    let connections = try ConnectionSet(
      listener: socket.openListener(), timeout: FastCGIExchange.headTimeout)
    let manager = try ServiceManager.ofThisProcess()
    var threads = try ThreadGroup()
    let end: Result<Signal, Errno>
    do throws(Errno) {
      for number in 1...workers {
        try threads.start(name: "worker-\(number)", stackBytes: 1024 * 1024) {
          authorizer.work(on: connections)
        }
      }
      log.notice("ready", metadata: ["version": .string(SessionsFCGI.version)])
      manager.isReady()
      end = .success(waitToStop(log, sink))
    } catch {
      end = .failure(error)
    }
    manager.isStopping(within: .seconds(drainSeconds))
    // Also where a thread could not be started: those that were may have begun on a request.
    // nginx, as shipped, has closed its kept connections by half of the time.
    connections.stop(until: .after(.seconds(drainSeconds) / 2))
    guard threads.join(until: .after(.seconds(drainSeconds))) else {
      log.error("requests did not end in time")
      // Not exit(), which would destroy what the other threads still use.
      _exit(1)
    }
    let signal = try end.get()
    log.notice("stopped", metadata: ["signal": .string("\(signal)")])
  }
}
