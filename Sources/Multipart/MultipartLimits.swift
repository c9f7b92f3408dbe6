// What a peer may make the parser keep or count.

/// The bounds a `MultipartParser` enforces. None has a default: what is right depends on the form.
///
/// The boundary's own bound, 70 bytes, is RFC 2046's and cannot be changed. The size of a body is
/// the handler's to judge, since it sees every byte and may stop the parse.
public struct MultipartLimits: Equatable, Sendable {
  /// The most parts a message may have.
  public let maxParts: Int

  /// The most bytes of header lines in one part, line ends included, without the empty line that
  /// ends them. It is also the most the parser ever keeps of a message.
  public let maxHeaderBytes: Int

  /// The most header lines in one part.
  public let maxHeaderLines: Int

  /// - Precondition: no limit is negative; a negative one stops the program. With 0, nothing of its
  ///   kind is accepted.
  public init(maxParts: Int, maxHeaderBytes: Int, maxHeaderLines: Int) {
    precondition(maxParts >= 0 && maxHeaderBytes >= 0 && maxHeaderLines >= 0, "a negative limit")
    self.maxParts = maxParts
    self.maxHeaderBytes = maxHeaderBytes
    self.maxHeaderLines = maxHeaderLines
  }
}
