// The boundary of a message, and where it comes from.

internal import HTTPSyntax

/// A boundary as RFC 2046 section 5.1.1 has it: 1 to 70 of `bchars`, the last of them no space.
public struct Boundary: Equatable, Sendable {
  /// The boundary itself, its quotes and escapes undone, without the `--` that stands before it in
  /// the message.
  public let bytes: [UInt8]

  /// Takes `bytes` as a boundary.
  ///
  /// - Throws: `unusableBoundary` if RFC 2046 does not allow them.
  public init(_ bytes: Span<UInt8>) throws(MultipartError) {
    try self.init(checking: bytes.bytes(in: bytes.indices))
  }

  /// Reads the boundary out of the value of a request's Content-Type.
  ///
  /// - Throws: `notMultipartFormData` if the value does not begin with that media type, and
  ///   `unusableBoundary` if it does and anything else is wrong with it: parameters that break
  ///   RFC 9110, no boundary or two of them, or one that RFC 2046 does not allow.
  public init(contentType value: Span<UInt8>) throws(MultipartError) {
    guard let essence = MediaTypeEssence(value), value.holds("multipart", in: essence.type),
      value.holds("form-data", in: essence.subtype)
    else { throw .notMultipartFormData }
    var position = essence.end
    var boundary: [UInt8]?
    parameters: while true {
      switch value.nextParameter(at: &position) {
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
    guard 1...70 ~= bytes.count, bytes.last != ASCII.space, bytes.allSatisfy(\.isBoundaryByte)
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
  /// `bchars`, RFC 2046 section 5.1.1.
  fileprivate var isBoundaryByte: Bool {
    switch self {
    case 0x20, 0x27...0x29, 0x2B...0x2F, 0x3A, 0x3D, 0x3F, 0x5F: true
    default: isLetterOrDigit
    }
  }
}
