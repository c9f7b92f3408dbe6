// A media type, checked against its grammar.

internal import HTTPSyntax

/// A media type as RFC 9110 section 8.3.1 has it:
/// `type "/" subtype *( OWS ";" OWS [ name "=" ( token / quoted-string ) ] )`.
public struct MediaType: Equatable, Sendable {
  /// The type in lower case, as `audio`.
  public let type: String

  /// The subtype in lower case, as `webm`.
  public let subtype: String

  /// Whether a quoted parameter value holds bytes above 0x7F. The grammar has them (`obs-text`),
  /// but they have no defined meaning, so a caller may want to refuse them.
  public let hasNonASCIIParameter: Bool

  /// Reads one media type, white space around it allowed.
  ///
  /// - Throws: `malformedMediaType` for whatever breaks the grammar, so also for a list of media
  ///   types, an empty value, and white space around `/` or `=`.
  public init(_ value: Span<UInt8>) throws(MultipartError) {
    guard let essence = MediaTypeEssence(value) else { throw .malformedMediaType }
    var position = essence.end
    var hasNonASCII = false
    parameters: while true {
      switch value.nextParameter(at: &position) {
      case .parameter(let parameter):
        hasNonASCII = hasNonASCII || parameter.value.contains { value[$0] > 0x7F }
      case .end: break parameters
      case .malformed: throw .malformedMediaType
      }
    }
    type = value.lowercasedText(in: essence.type)
    subtype = value.lowercasedText(in: essence.subtype)
    hasNonASCIIParameter = hasNonASCII
  }
}

/// Where type and subtype stand in a value, and where its parameters begin.
struct MediaTypeEssence {
  let type: Range<Int>
  let subtype: Range<Int>
  var end: Int { subtype.upperBound }

  init?(_ value: Span<UInt8>) {
    let start = value.end(from: 0, while: \.isSpaceOrTab)
    type = start..<value.end(from: start, while: \.isTokenByte)
    guard !type.isEmpty, type.upperBound < value.count, value[type.upperBound] == ASCII.slash
    else { return nil }
    let subtypeStart = type.upperBound + 1
    subtype = subtypeStart..<value.end(from: subtypeStart, while: \.isTokenByte)
    if subtype.isEmpty { return nil }
  }
}

extension Span<UInt8> {
  fileprivate func lowercasedText(in range: Range<Int>) -> String {
    String(decoding: range.map { self[$0].lowercased }, as: UTF8.self)
  }
}
