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

/// One request and its response: FastCGI, plain CGI, or a test.
package protocol Exchange: ~Copyable {
  var variables: MetaVariables { get }

  /// Hands the body's next bytes to `consume`, which must not keep them.
  ///
  /// - Returns: false at the end.
  mutating func readBody(_ consume: (Span<UInt8>) -> Void) throws(ExchangeError) -> Bool

  /// Takes bytes of the response, and sends them now or when the exchange ends.
  mutating func write(_ bytes: Span<UInt8>) throws(ExchangeError)
}
