// The one header a part must have.

/// What a part's Content-Disposition says: RFC 7578 section 4.2, in the grammar of RFC 9110's
/// parameters.
struct ContentDisposition: Sendable {
  /// The name with its escapes undone; nil without a `name`.
  let nameBytes: [UInt8]?
  let isFile: Bool

  init(_ value: Span<UInt8>) throws(MultipartError) {
    let start = value.end(from: 0, while: \.isSpaceOrTab)
    let type = start..<value.end(from: start, while: \.isTokenByte)
    guard value.holds("form-data", in: type) else { throw .notFormData }
    var position = type.upperBound
    var nameBytes: [UInt8]?
    var isFile = false
    parameters: while true {
      switch value.nextParameter(at: &position) {
      case .parameter(let parameter):
        if value.holds("name", in: parameter.name) {
          if nameBytes != nil { throw .duplicateParameter }
          nameBytes = Self.unescaped(value.bytes(in: parameter.value), parameter.isQuoted)
        } else if value.holds("filename", in: parameter.name) {
          if isFile { throw .duplicateParameter }
          isFile = true
        }
      case .end: break parameters
      case .malformed: throw .malformedContentDisposition
      }
    }
    self.nameBytes = nameBytes
    self.isFile = isFile
  }

  /// Undoes the escapes that senders use in a name: the backslash before a quote or a backslash
  /// (curl, mail), and `%22`, `%0D` and `%0A` (browsers; HTML, "multipart/form-data encoding
  /// algorithm"). Any other percent sign or backslash stands for itself.
  private static func unescaped(_ raw: [UInt8], _ isQuoted: Bool) -> [UInt8] {
    var name: [UInt8] = []
    var rest = raw[...]
    while let byte = rest.first {
      let next = rest.dropFirst().first
      if isQuoted, byte == ASCII.backslash, let next,
        next == ASCII.quote || next == ASCII.backslash
      {
        name.append(next)
        rest = rest.dropFirst(2)
      } else if byte == ASCII.percent, let escaped = browserEscape(rest.prefix(3)) {
        name.append(escaped)
        rest = rest.dropFirst(3)
      } else {
        name.append(byte)
        rest = rest.dropFirst()
      }
    }
    return name
  }

  private static func browserEscape(_ sequence: ArraySlice<UInt8>) -> UInt8? {
    if sequence.elementsEqual("%22".utf8) { return ASCII.quote }
    if sequence.elementsEqual("%0D".utf8) { return ASCII.carriageReturn }
    if sequence.elementsEqual("%0A".utf8) { return ASCII.lineFeed }
    return nil
  }
}
