// The header fields of a part that have a meaning here.

internal import HTTPSyntax

/// Gathers `PartHeaders` from a part's header lines.
struct HeaderFields: Sendable {
  private var disposition: ContentDisposition?
  private var contentType: [UInt8]?

  /// Reads `field-name ":" OWS field-value OWS`, RFC 9112 section 5, without its folding.
  /// The line is not empty and its end is left out.
  mutating func read(_ bytes: [UInt8]) throws(MultipartError) {
    let line = bytes.span
    if line[0].isSpaceOrTab { throw .foldedHeader }
    let colon = line.end(from: 0) { $0 != ASCII.colon }
    if colon == line.count { throw .missingColon }
    let name = 0..<colon
    guard !name.isEmpty, line.end(from: 0, while: \.isTokenByte) == colon
    else { throw .invalidHeaderName }
    let value = line.trimmed(colon + 1..<line.count)

    if line.holds("content-disposition", in: name) {
      if disposition != nil { throw .duplicateHeader }
      disposition = try ContentDisposition(line.extracting(value))
    } else if line.holds("content-type", in: name) {
      if contentType != nil { throw .duplicateHeader }
      contentType = line.bytes(in: value)
    } else if line.holds("content-transfer-encoding", in: name) {
      // RFC 7578 section 4.7 does away with it. The three that leave bytes as they are do no harm,
      // nor does an empty one; any other would have us hand on an encoded body as if it were the
      // body.
      let isIdentity =
        value.isEmpty || line.holds("binary", in: value) || line.holds("8bit", in: value)
        || line.holds("7bit", in: value)
      if !isIdentity { throw .unsupportedTransferEncoding }
    }
  }

  /// What the lines read so far amount to, once they are all there are.
  func partHeaders() throws(MultipartError) -> PartHeaders {
    guard let disposition else { throw .missingContentDisposition }
    guard let nameBytes = disposition.nameBytes else { throw .missingName }
    return PartHeaders(
      nameBytes: nameBytes, filenameBytes: disposition.filenameBytes, contentTypeBytes: contentType)
  }
}
