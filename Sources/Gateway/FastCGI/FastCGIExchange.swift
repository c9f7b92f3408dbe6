// A FastCGI request as the service sees it.

package import POSIX

/// A worker's FastCGI connection, used for one request after another.
package struct FastCGIExchange: ~Copyable, Exchange {
  private var connection = FastCGIConnection()
  package private(set) var variables = MetaVariables()
  private var isReadingBody = false
  private var bytesReceived = 0

  /// How long the peer may take to send the head of a request, which a web server does at once,
  /// and to take a piece of the response.
  package static let headTimeout: Duration = .seconds(5)
  /// How long it may pause in a body, which can come from the client as it comes.
  private static let bodyTimeout: Duration = .seconds(30)

  package init() {}

  /// What is left of a body that nobody wants is read to keep the connection, up to this much: more
  /// than sockets hold, since a web server that could send all of a body believes that the
  /// connection is kept.
  private static let maxDiscardedBytes = 8 * 1024 * 1024
  private static let discardTimeout: Duration = .seconds(1)

  /// Reads the head of the request on `socket`.
  package mutating func begin(on socket: consuming OwnedDescriptor) throws(FastCGIError) {
    try connection.begin(on: socket)
    var variables = MetaVariables()
    connection.forEachParameter { name, value in variables.set(name, to: value) }
    self.variables = variables
    isReadingBody = false
    bytesReceived = 0
  }

  package mutating func receiveBody() throws(ExchangeError) -> Bool {
    do {
      if !isReadingBody {
        try connection.setTimeout(FastCGIExchange.bodyTimeout)
        isReadingBody = true
      }
      guard try connection.receiveBody() else { return false }
      bytesReceived += connection.withBody { $0.count }
      return true
    } catch {
      throw ExchangeError(error)
    }
  }

  package func withBody<Value: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    try connection.withBody(body)
  }

  package var isPeerGone: Bool { connection.isPeerGone }

  package mutating func write(_ bytes: Span<UInt8>) throws(ExchangeError) {
    do {
      try connection.write(bytes)
    } catch {
      throw ExchangeError(error)
    }
  }

  /// Sends what is left.
  ///
  /// - Returns: the connection, where the web server keeps it for its next request.
  @discardableResult
  package mutating func finish() -> OwnedDescriptor? {
    guard connection.asksToKeep else { return connection.finish() }
    do throws(FastCGIError) {
      try discardBody()
      let isLimited = isReadingBody
      guard let kept = connection.finish() else { return nil }
      if isLimited { try? setSocketTimeouts(of: kept.number, to: FastCGIExchange.headTimeout) }
      return kept
    } catch {
      return connection.finish()
    }
  }

  /// Reads what is left of a body of ordinary size, and the end, which comes with the head of a
  /// request without a body. One that comes slowly is not waited for.
  private mutating func discardBody() throws(FastCGIError) {
    if connection.hasBodyEnded { return }
    // In chunks, nobody knows how much is left.
    guard
      let left = variables.announcedLength.map({ $0 - bytesReceived })
        ?? (variables.isChunked ? nil : 0), left <= FastCGIExchange.maxDiscardedBytes
    else { return }
    if left > 0 {
      // Before the response, since nginx sends no more of a body once it has the head of that.
      try connection.setTimeout(FastCGIExchange.discardTimeout)
      isReadingBody = true
    }
    let deadline = Deadline.after(FastCGIExchange.discardTimeout)
    var discarded = 0
    while discarded <= FastCGIExchange.maxDiscardedBytes, !deadline.hasPassed,
      try connection.receiveBody()
    {
      discarded += connection.withBody { $0.count }
    }
  }
}

extension ExchangeError {
  fileprivate init(_ error: FastCGIError) {
    self =
      switch error {
      case .bodyTruncated, .incompleteRequest: .bodyTruncated
      case .timedOut: .timedOut
      case .connectionLost: .connectionLost
      }
  }
}
