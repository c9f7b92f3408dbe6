// The one header a part must have.

internal import HTTPSyntax

/// What a part's Content-Disposition says: RFC 7578 section 4.2, in the grammar of RFC 9110's
/// parameters.
struct ContentDisposition: Sendable {
  /// The name with its escapes undone; nil without a `name`.
  let nameBytes: [UInt8]?
  /// The file name with its escapes undone; nil without a `filename`.
  let filenameBytes: [UInt8]?

  init(_ value: Span<UInt8>) throws(MultipartError) {
    let start = value.end(from: 0, while: \.isSpaceOrTab)
    let type = start..<value.end(from: start, while: \.isTokenByte)
    guard value.holds("form-data", in: type) else { throw .notFormData }
    var position = type.upperBound
    var nameBytes: [UInt8]?
    var filenameBytes: [UInt8]?
    parameters: while true {
      switch value.nextParameter(at: &position) {
      case .parameter(let parameter):
        if value.holds("name", in: parameter.name) {
          if nameBytes != nil { throw .duplicateParameter }
          nameBytes = value.unescaped(parameter)
        } else if value.holds("filename", in: parameter.name) {
          if filenameBytes != nil { throw .duplicateParameter }
          filenameBytes = value.unescaped(parameter)
        }
      case .end: break parameters
      case .malformed: throw .malformedContentDisposition
      }
    }
    self.nameBytes = nameBytes
    self.filenameBytes = filenameBytes
  }
}

extension Span<UInt8> {
  /// Undoes the escapes that senders use in a name: the backslash before a quote or a backslash
  /// (curl, mail), and `%22`, `%0D` and `%0A` (browsers; HTML, "multipart/form-data encoding
  /// algorithm"). Any other percent sign or backslash stands for itself.
  fileprivate func unescaped(_ parameter: Parameter) -> [UInt8] {
    var name: [UInt8] = []
    name.reserveCapacity(parameter.value.count)
    var index = parameter.value.lowerBound
    let end = parameter.value.upperBound
    while index < end {
      let byte = self[index]
      let next = index + 1 < end ? self[index + 1] : nil
      if parameter.isQuoted, byte == ASCII.backslash, let next,
        next == ASCII.quote || next == ASCII.backslash
      {
        name.append(next)
        index += 2
      } else if let escaped = browserEscape(in: index..<min(index + 3, end)) {
        name.append(escaped)
        index += 3
      } else {
        name.append(byte)
        index += 1
      }
    }
    return name
  }

  private func browserEscape(in sequence: Range<Int>) -> UInt8? {
    guard sequence.count == 3, self[sequence.lowerBound] == ASCII.percent else { return nil }
    switch (self[sequence.lowerBound + 1], self[sequence.lowerBound + 2]) {
    case (UInt8(ascii: "2"), UInt8(ascii: "2")): return ASCII.quote
    case (UInt8(ascii: "0"), UInt8(ascii: "D")): return ASCII.carriageReturn
    case (UInt8(ascii: "0"), UInt8(ascii: "A")): return ASCII.lineFeed
    default: return nil
    }
  }
}
