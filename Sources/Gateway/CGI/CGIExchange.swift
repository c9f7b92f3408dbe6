// A request of plain CGI (RFC 3875).

internal import Glibc
internal import POSIX
internal import SystemPackage

/// A request on standard input and its response on standard output.
package struct CGIExchange: ~Copyable, Exchange {
  package let variables: MetaVariables
  private let input: CInt
  private let output: CInt
  /// Of the body; nil for one that ends where the input does.
  private var bytesLeft: Int?
  /// For the whole body; nil lets it take as long as it likes.
  private var bodyDeadline: Deadline?
  /// How much of the buffer is the piece of the body that came last.
  private var received = 0
  private var buffer = [UInt8](repeating: 0, count: 64 * 1024)

  /// How long the web server may pause in a body, as with FastCGI.
  private static let bodyTimeout: Duration = .seconds(30)
  /// For what is left of a body that nobody wants.
  private static let discardTimeout: Duration = .seconds(300)

  /// The request that the environment describes, taken as bytes: names repaired to be UTF-8 could
  /// turn two users into one.
  package init() {
    var variables = MetaVariables()
    forEachEnvironmentVariable { name, value in variables.set(name, to: value) }
    self.init(variables, input: STDIN_FILENO, output: STDOUT_FILENO)
  }

  /// A request whose body and response go by the borrowed descriptors `input` and `output`.
  package init(_ variables: MetaVariables, input: CInt, output: CInt) {
    self.variables = variables
    self.input = input
    self.output = output
    // Without a length there is no body (RFC 3875, section 4.1.2); reading on would wait for ever.
    // The body of a request in chunks has none either, but a web server that passes it on ends it.
    bytesLeft = variables.announcedLength ?? (variables.isChunked ? nil : 0)
  }

  /// The service checks an upload's rate whenever bytes come; only here can it be seen that none
  /// do.
  ///
  /// - Parameter duration: for the whole body, from now on; nil lets it take as long as it likes.
  package mutating func limitBody(to duration: Duration?) {
    bodyDeadline = duration.map { .after($0) }
  }

  package mutating func receiveBody() throws(ExchangeError) -> Bool {
    guard bytesLeft != 0 else { return false }
    let count = min(bytesLeft ?? buffer.count, buffer.count)
    let timeout = Deadline.after(CGIExchange.bodyTimeout)
    let deadline = min(timeout, bodyDeadline ?? timeout)
    do throws(Errno) {
      guard try wait(for: .readable, on: input, until: deadline) else { throw .timedOut }
      received = try retrying { unsafe read(input, &buffer, count) }
    } catch {
      throw error == .timedOut ? .timedOut : .connectionLost
    }
    guard received > 0 else {
      guard bytesLeft == nil else { throw .bodyTruncated }
      bytesLeft = 0
      return false
    }
    bytesLeft = bytesLeft.map { $0 - received }
    return true
  }

  package func withBody<Value: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    try body(buffer.span.extracting(..<received))
  }

  package var isPeerGone: Bool { hasHungUp(output) }

  package mutating func write(_ bytes: Span<UInt8>) throws(ExchangeError) {
    var rest = bytes
    while !rest.isEmpty {
      do throws(Errno) {
        let count = try unsafe rest.withUnsafeBytes { (room) throws(Errno) in
          try retrying { unsafe Glibc.write(output, room.baseAddress, room.count) }
        }
        rest = rest.extracting(count...)
      } catch {
        throw .connectionLost
      }
    }
  }

  /// Ends the response, and drops what is left of the body.
  ///
  /// A web server may pass on all of the body before it looks for the response. With Apache's
  /// mod_cgid both go by one socket, and closing that with bytes unread makes the kernel take the
  /// response back; other servers give up at the first write that fails.
  package mutating func finish() {
    // Only a socket can be shut down; a pipe ends with the process.
    _ = shutdown(output, CInt(SHUT_WR))
    let limit = Deadline.after(CGIExchange.discardTimeout)
    bodyDeadline = min(limit, bodyDeadline ?? limit)
    while (try? receiveBody()) == true {}
  }
}
