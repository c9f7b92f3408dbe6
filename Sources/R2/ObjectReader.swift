// An object on its way from the store.

package import HTTPClient

/// The response to a GET: its head, and its body piece by piece.
package struct ObjectReader: ~Copyable {
  package let head: ResponseHead
  /// How often the request was made: 1, or more after failures that may be repeated.
  package let attempts: Int
  /// Of an object that is not there no body is to come.
  private let isMissing: Bool
  private var exchange: R2Exchange

  /// - Throws: `.refused` if the response is no success.
  init(
    receivingFrom exchange: consuming R2Exchange, attempts: Int, missingIsSuccess: Bool = false
  ) throws(R2Error) {
    switch try exchange.receiveHead(missingIsSuccess: missingIsSuccess) {
    case .success(let head):
      self.head = head
      isMissing = false
    case .missing(let head):
      self.head = head
      isMissing = true
    case .refusal(let refusal):
      // Read to its end, a refusal leaves the connection as good as it was.
      exchange.end()
      throw .refused(refusal)
    }
    self.attempts = attempts
    self.exchange = exchange
  }

  mutating func limitBody(to limits: BodyLimits) { exchange.limitBody(to: limits) }

  /// Waits for the next piece, which `withBody` then lends; false at the end.
  ///
  /// - Parameter isAbandoned: asked about once a second while nothing comes: whether nobody wants
  ///   the object any more.
  package mutating func receiveBody(
    unless isAbandoned: () -> Bool = { false }
  ) throws(R2Error) -> Bool { try exchange.receiveBody(unless: isAbandoned) }

  /// Lends the piece that came last.
  package func withBody<Value: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    try exchange.withBody(body)
  }

  /// Reads past a body of no interest, and gives the connection back.
  ///
  /// - Throws: `.refused` if it says that there was an error all the same.
  consuming func finish() throws(R2Error) {
    if !isMissing { try exchange.receiveNothing(after: head) }
    end()
  }

  /// Gives the connection back, if all was read. A reader that is dropped closes it.
  package consuming func end() { exchange.end() }
}
