// Plain CGI (RFC 3875): the web server starts the program for one request.

internal import Gateway
internal import Glibc
internal import Logging
internal import POSIX
internal import Sessions
internal import SystemPackage

enum CommonGateway {
  /// Whether a web server started this process for one request: it says so in the environment,
  /// and standard input is no socket to accept requests from.
  static var isCaller: Bool {
    unsafe getenv("GATEWAY_INTERFACE") != nil && !Listener.isListening(STDIN_FILENO)
  }

  /// Answers the request that the environment and standard input describe.
  static func answerRequest() {
    var exchange = CGIExchange()
    do {
      // Of all requests only an upload needs the directory, and it says so itself.
      let configuration = try Configuration.fromEnvironment(checksTemporaryDirectory: false)
      exchange.limitBody(to: configuration.service.pace.deadline)
      let application = try Application(configuration, poolSize: 1, isBrief: true)
      var threads = try ThreadGroup()
      // An upload may take longer than its lease.
      try application.leases.startRenewing(in: &threads)
      application.service.serve(&exchange)
      try? application.outbox.forgetDeletions()
      // exit() cleans libcrypto up, which no thread may be using then.
      application.leases.stopRenewing()
      threads.join()
    } catch {
      // The web server's log gets the reason, the client only that it is our fault.
      Diagnostics.report(error)
      let refusal = Refusal.internalError.response
      let head = refusal.head(requestID: "-")
      try? exchange.write(head.span)
      try? exchange.write(refusal.body.span)
    }
    exchange.finish()
  }
}
