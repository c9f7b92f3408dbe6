// Plain CGI (RFC 3875): the web server starts the program for one request.

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
      let configuration = try Configuration.fromEnvironment()
      exchange.limitBody(to: configuration.service.pace)
      let application = try Application(configuration, poolSize: 1)
      // An upload may take longer than its lease; the thread ends with the process.
      _ = try application.uploads.startRenewing()
      application.service.serve(&exchange)
    } catch {
      // The web server's log gets the reason, the client only that it is our fault.
      Diagnostics.report(error)
      let refusal = Refusal.internalError.response.serialized(requestID: "-")
      try? exchange.write(refusal.span)
    }
  }
}

/// A request on standard input and its response on standard output.
struct CGIExchange: ~Copyable, Exchange {
  let variables: MetaVariables
  private let input = STDIN_FILENO
  private var bytesLeft: Int
  /// For the whole body; nil lets it take as long as it likes.
  private var bodyDeadline: Deadline?
  private var buffer = [UInt8](repeating: 0, count: 64 * 1024)

  /// How long the web server may pause in a body, as with FastCGI.
  private static let bodyTimeout: Duration = .seconds(30)

  /// The request that the environment describes, taken as bytes: names repaired to be UTF-8 could
  /// make one user of two.
  init() {
    var variables = MetaVariables()
    forEachEnvironmentVariable { name, value in variables.set(name, to: value) }
    self.variables = variables
    // Without a length there is no body (RFC 3875, section 4.1.2); reading on would wait for ever.
    bytesLeft = variables.announcedLength ?? 0
  }

  /// From now on. The service judges the pace by what came; only here can it be seen that nothing
  /// comes.
  mutating func limitBody(to pace: Pace) {
    bodyDeadline = pace.deadlineSeconds > 0 ? .after(.seconds(pace.deadlineSeconds)) : nil
  }

  mutating func readBody(_ consume: (Span<UInt8>) -> Void) throws(ExchangeError) -> Bool {
    guard bytesLeft > 0 else { return false }
    let most = min(bytesLeft, buffer.count)
    let timeout = Deadline.after(CGIExchange.bodyTimeout)
    let deadline = min(timeout, bodyDeadline ?? timeout)
    var count = 0
    do throws(Errno) {
      guard try wait(for: .readable, on: input, until: deadline) else { throw .timedOut }
      count = try retrying { unsafe read(input, &buffer, most) }
    } catch {
      throw error == .timedOut ? .timedOut : .connectionLost
    }
    guard count > 0 else { throw .bodyTruncated }
    bytesLeft -= count
    consume(buffer.span.extracting(..<count))
    return true
  }

  mutating func write(_ bytes: Span<UInt8>) throws(ExchangeError) {
    var rest = bytes
    while !rest.isEmpty {
      do throws(Errno) {
        let count = try unsafe rest.withUnsafeBytes { (room) throws(Errno) in
          try retrying { unsafe Glibc.write(STDOUT_FILENO, room.baseAddress, room.count) }
        }
        rest = rest.extracting(count...)
      } catch {
        throw .connectionLost
      }
    }
  }
}
