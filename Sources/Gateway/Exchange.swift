// One request and its response, however they reach us.

/// Why the rest of a request did not come, or its response could not be sent.
package enum ExchangeError: Error, Equatable, Sendable {
  /// The body ended before its end.
  case bodyTruncated
  /// The peer sent or took nothing for too long.
  case timedOut
  /// The peer has gone.
  case connectionLost
}

/// A request, as far as handlers have to do with it: they read, and return what is to be sent.
package protocol Request: ~Copyable {
  var variables: MetaVariables { get }

  /// Waits for the next piece of the request's body, which `withBody` then lends.
  ///
  /// - Returns: false at the end.
  mutating func receiveBody() throws(ExchangeError) -> Bool

  /// Lends the piece of the body that came last; it is valid only during the call.
  func withBody<Value: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Value
  ) throws(Failure) -> Value
}

/// One request and its response: FastCGI, plain CGI, or a test.
package protocol Exchange: Request, ~Copyable {
  /// Whether nobody is there any more to take the response, as far as that can be told.
  var isPeerGone: Bool { get }

  /// Takes bytes of the response, and sends them now or when the exchange ends.
  mutating func write(_ bytes: Span<UInt8>) throws(ExchangeError)
}
