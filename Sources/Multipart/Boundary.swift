// The boundary of a message, and where it comes from.

internal import HTTPSyntax

/// A boundary: 1 to 200 visible ASCII characters but `"`, and spaces inside.
///
/// RFC 2046 section 5.1.1 has 1 to 70 of its `bchars`. Real senders go beyond it, with `=`, `*` and
/// braces, and with 77 digits; what ends or escapes a parameter is all that has to be left out.
public struct Boundary: Equatable, Sendable {
  /// The boundary itself, its quotes and escapes undone, without the `--` that stands before it in
  /// the message.
  public let bytes: [UInt8]

  /// Takes `bytes` as a boundary.
  ///
  /// - Throws: `unusableBoundary` if they are none.
  public init(_ bytes: Span<UInt8>) throws(MultipartError) {
    try self.init(checking: bytes.bytes(in: bytes.indices))
  }

  /// Reads the boundary out of the value of a request's Content-Type.
  ///
  /// - Throws: `notMultipartFormData` if the value does not begin with that media type, and
  ///   `unusableBoundary` if it does and anything else is wrong with it: parameters that break
  ///   RFC 9110, no boundary or two of them, or one that is none. Not in quotes, a value ends at
  ///   `;` or white space, whatever else is in it.
  public init(contentType value: Span<UInt8>) throws(MultipartError) {
    guard let essence = MediaTypeEssence(value), value.holds("multipart", in: essence.type),
      value.holds("form-data", in: essence.subtype)
    else { throw .notMultipartFormData }
    var position = essence.end
    var boundary: [UInt8]?
    parameters: while true {
      switch value.nextParameter(at: &position, unquoted: \.isUnquotedByte) {
      case .parameter(let parameter):
        guard value.holds("boundary", in: parameter.name) else { continue }
        if boundary != nil { throw .unusableBoundary }
        boundary = value.unescaped(parameter)
      case .end: break parameters
      case .malformed: throw .unusableBoundary
      }
    }
    guard let boundary else { throw .unusableBoundary }
    try self.init(checking: boundary)
  }

  private init(checking bytes: [UInt8]) throws(MultipartError) {
    guard 1...200 ~= bytes.count, bytes.last != ASCII.space, bytes.allSatisfy(\.isBoundaryByte)
    else { throw .unusableBoundary }
    self.bytes = bytes
  }
}

extension Span<UInt8> {
  /// The value with each `quoted-pair` replaced by what it stands for, RFC 9110 section 5.6.4.
  fileprivate func unescaped(_ parameter: Parameter) -> [UInt8] {
    let raw = bytes(in: parameter.value)
    if !parameter.isQuoted { return raw }
    var text: [UInt8] = []
    var isEscaped = false
    for byte in raw {
      if byte == ASCII.backslash && !isEscaped {
        isEscaped = true
      } else {
        text.append(byte)
        isEscaped = false
      }
    }
    return text
  }
}

extension UInt8 {
  fileprivate var isBoundaryByte: Bool { self == ASCII.space || isVisible && self != ASCII.quote }

  /// What a value without quotes may have, by those who send them.
  fileprivate var isUnquotedByte: Bool {
    isVisible && self != ASCII.quote && self != ASCII.semicolon
  }
}
