// Everything that can be wrong with a message, by name.

/// Why a Content-Type or a message was refused. Descriptions name the rule and never quote what
/// the peer sent.
public enum MultipartError: Error, Equatable, Sendable {
  // The request's Content-Type.
  /// The media type is not `multipart/form-data`, or not a media type at all.
  case notMultipartFormData
  /// It is `multipart/form-data`, but its parameters break RFC 9110, or there is not exactly one
  /// `boundary` of 1 to 200 visible ASCII characters but `"`.
  case unusableBoundary
  /// The value breaks RFC 9110's `media-type`.
  case malformedMediaType

  // The frame.
  /// A line begins with the delimiter and goes on with something else than it may.
  case malformedBoundaryLine
  /// No delimiter was found: the boundary is not the message's, or there is no message.
  case missingBoundary
  /// The input ended before the line that ends the message.
  case missingFinalBoundary
  /// A boundary or header line, or the line before a boundary, ends in LF alone.
  case bareLineFeed
  /// A header line has a CR that no LF follows.
  case bareCarriageReturn

  // A part's headers.
  /// A header line has NUL, DEL or another control character.
  case controlCharacter
  /// A header line begins with white space, RFC 5322's obsolete folding.
  case foldedHeader
  /// A header line has no colon.
  case missingColon
  /// A header's name is not a token.
  case invalidHeaderName
  /// A part has a second Content-Disposition or Content-Type.
  case duplicateHeader
  /// A part has no Content-Disposition.
  case missingContentDisposition
  /// A part's disposition is not `form-data`.
  case notFormData
  /// A Content-Disposition breaks the grammar.
  case malformedContentDisposition
  /// A Content-Disposition has a second `name` or `filename`.
  case duplicateParameter
  /// A Content-Disposition has no `name`.
  case missingName
  /// A Content-Transfer-Encoding under which the body would not be the bytes that were meant.
  case unsupportedTransferEncoding

  // The limits.
  /// There is one part more than `MultipartLimits.maxParts`.
  case tooManyParts(limit: Int)
  /// The header lines of a part have more bytes than `MultipartLimits.maxHeaderBytes`.
  case headersTooLarge(limit: Int)
  /// A part has more header lines than `MultipartLimits.maxHeaderLines`.
  case tooManyHeaderLines(limit: Int)
}

extension MultipartError: CustomStringConvertible {
  /// The rule in plain words, for a response or a log.
  public var description: String {
    switch self {
    case .notMultipartFormData: "the media type is not multipart/form-data"
    case .unusableBoundary: "the media type has no usable boundary"
    case .malformedMediaType: "a media type breaks RFC 9110"
    case .malformedBoundaryLine: "a line begins with the boundary but is no boundary line"
    case .missingBoundary:
      "no boundary line was found: is the boundary in Content-Type the one in the body?"
    case .missingFinalBoundary: "the input ended before the final boundary"
    case .bareLineFeed: "a boundary or header line, or the one before it, ends in LF without CR"
    case .bareCarriageReturn: "a header line has a CR without LF"
    case .controlCharacter: "a header line has a control character"
    case .foldedHeader: "a header line is folded"
    case .missingColon: "a header line has no colon"
    case .invalidHeaderName: "a header name is not a token"
    case .duplicateHeader: "a part has a header twice that it may have once"
    case .missingContentDisposition: "a part has no Content-Disposition"
    case .notFormData: "a part's disposition is not form-data"
    case .malformedContentDisposition: "a Content-Disposition is malformed"
    case .duplicateParameter: "a Content-Disposition has a parameter twice"
    case .missingName: "a part has no name"
    case .unsupportedTransferEncoding:
      "a part has a Content-Transfer-Encoding other than 7bit, 8bit and binary"
    case .tooManyParts(let limit): "more than \(limit) parts"
    case .headersTooLarge(let limit): "more than \(limit) bytes of headers in a part"
    case .tooManyHeaderLines(let limit): "more than \(limit) header lines in a part"
    }
  }
}

/// Why a parse stopped: the message is wrong, or the handler does not want to go on.
public enum MultipartFailure<HandlerFailure: Error>: Error {
  /// The message is wrong or passes a limit: the sender's fault.
  case malformed(MultipartError)
  /// What the handler threw from one of its events.
  case handler(HandlerFailure)
}

extension MultipartFailure: Equatable where HandlerFailure: Equatable {}
