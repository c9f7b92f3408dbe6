// What the parser tells, and to whom.

/// Receives the events of one message in their order:
/// `(partBegan bodyReceived* partEnded)* messageEnded`.
///
/// An error thrown from any of them stops the parse at once; no further event follows.
public protocol MultipartHandler: ~Copyable {
  /// What the handler may refuse with; `Never` if it refuses nothing.
  associatedtype Failure: Error = Never

  /// A part's headers are complete and pass all checks.
  mutating func partBegan(_ headers: PartHeaders) throws(Failure)

  /// The next bytes of the part's body, never empty. They are borrowed from the piece that is
  /// being parsed, or from the parser, and cannot be kept. How a body is cut into calls says
  /// nothing.
  mutating func bodyReceived(_ bytes: Span<UInt8>) throws(Failure)

  /// The part's body is complete: the whole boundary line after it has been seen.
  mutating func partEnded() throws(Failure)

  /// The final boundary line has been seen. Whatever follows is skipped.
  mutating func messageEnded() throws(Failure)
}

/// Only the ends may be left out: a method of the handler's that is meant to take bodies and is
/// mistaken in its name or its `throws` would otherwise be passed over without a word.
extension MultipartHandler where Self: ~Copyable {
  /// Does nothing.
  public mutating func partEnded() throws(Failure) {}
  /// Does nothing.
  public mutating func messageEnded() throws(Failure) {}
}
