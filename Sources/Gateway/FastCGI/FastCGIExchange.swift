// A FastCGI request as the service sees it.

package import POSIX

/// A worker's FastCGI connection, used for one request after another.
package struct FastCGIExchange: ~Copyable, Exchange {
  private var connection = FastCGIConnection()
  package private(set) var variables = MetaVariables()
  private var isReadingBody = false

  /// How long the peer may take to send the head of a request, which a web server does at once,
  /// and to take a piece of the response.
  package static let headTimeout: Duration = .seconds(5)
  /// How long it may pause in a body, which can come from the client as it comes.
  private static let bodyTimeout: Duration = .seconds(30)

  package init() {}

  /// Reads the head of the request on `accepted`.
  package mutating func begin(on accepted: consuming OwnedDescriptor) throws(FastCGIError) {
    try connection.begin(on: accepted)
    var variables = MetaVariables()
    connection.forEachParameter { name, value in variables.set(name, to: value) }
    self.variables = variables
    isReadingBody = false
  }

  package mutating func receiveBody() throws(ExchangeError) -> Bool {
    do {
      if !isReadingBody {
        try connection.setTimeout(FastCGIExchange.bodyTimeout)
        isReadingBody = true
      }
      return try connection.receiveBody()
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

  /// Sends what is left and closes the connection.
  package mutating func finish() { connection.finish() }
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
