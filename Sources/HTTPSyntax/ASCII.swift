// The classes of bytes that the grammars of RFC 9110 and RFC 3986 are made of.

/// Bytes that a grammar names.
package enum ASCII {
  package static let tab: UInt8 = 0x09
  package static let lineFeed: UInt8 = 0x0A
  package static let carriageReturn: UInt8 = 0x0D
  package static let space: UInt8 = 0x20
  package static let quote: UInt8 = 0x22
  package static let percent: UInt8 = 0x25
  package static let dash: UInt8 = 0x2D
  package static let slash: UInt8 = 0x2F
  package static let colon: UInt8 = 0x3A
  package static let semicolon: UInt8 = 0x3B
  package static let equals: UInt8 = 0x3D
  package static let backslash: UInt8 = 0x5C
}

extension UInt8 {
  /// `DIGIT`, RFC 5234.
  package var isDigit: Bool { 0x30...0x39 ~= self }

  /// `ALPHA`, RFC 5234.
  package var isLetter: Bool { 0x61...0x7A ~= self | 0x20 }

  package var isLetterOrDigit: Bool { isDigit || isLetter }

  package var isUppercaseLetter: Bool { 0x41...0x5A ~= self }

  package var isLowercaseLetter: Bool { 0x61...0x7A ~= self }

  /// `tchar`, RFC 9110 section 5.6.2.
  package var isTokenByte: Bool {
    switch self {
    case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: true
    default: isLetterOrDigit
    }
  }

  /// Whether a header line may hold this byte: no CTL but HTAB (RFC 9110 section 5.5).
  package var isFieldByte: Bool { self >= 0x20 && self != 0x7F || self == ASCII.tab }

  /// `VCHAR`, RFC 5234: neither a control character nor a space.
  package var isVisible: Bool { 0x21...0x7E ~= self }

  /// OWS, RFC 9110 section 5.6.3, and RFC 2046's transport padding.
  package var isSpaceOrTab: Bool { self == ASCII.space || self == ASCII.tab }

  /// `unreserved`, RFC 3986 section 2.3.
  package var isUnreserved: Bool {
    switch self {
    case 0x2D, 0x2E, 0x5F, 0x7E: true
    default: isLetterOrDigit
    }
  }

  /// What a label of a host name is made of: letters, digits and `-` (RFC 952).
  package var isLabelByte: Bool { isLetterOrDigit || self == ASCII.dash }

  /// What the ids of requests and sessions are made of: letters, digits, `-` and `_`.
  package var isIDByte: Bool { isLabelByte || self == 0x5F }

  /// The ASCII letter in lower case, any other byte as it is.
  package var lowercased: UInt8 { isUppercaseLetter ? self | 0x20 : self }
}

/// ASCII letters in lower case. `String.lowercased()` also maps other letters to them: the Kelvin
/// sign becomes `k`.
package func lowercased(_ text: some Collection<UInt8>) -> [UInt8] { text.map(\.lowercased) }

/// The same for text.
package func lowercased(_ text: String) -> String {
  guard text.utf8.contains(where: \.isUppercaseLetter) else { return text }
  return String(decoding: text.utf8.map(\.lowercased), as: UTF8.self)
}

/// Without the spaces and tabs at both ends.
package func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
  var bytes = bytes
  while bytes.first?.isSpaceOrTab == true { bytes.removeFirst() }
  while bytes.last?.isSpaceOrTab == true { bytes.removeLast() }
  return bytes
}

/// Equal to `lowercase` but for the case of ASCII letters.
package func matches(_ bytes: ArraySlice<UInt8>, _ lowercase: String) -> Bool {
  bytes.elementsEqual(lowercase.utf8) { left, right in left.lowercased == right }
}

/// Whether the list `value`, separated by commas, has `token` in it (RFC 9110 section 5.6.1).
package func containsToken(_ value: ArraySlice<UInt8>, _ token: String) -> Bool {
  value.split(separator: UInt8(ascii: ",")).contains { matches(trimmed($0), token) }
}

extension Span<UInt8> {
  /// Whether the bytes are those of `text`.
  package static func == (bytes: Span<UInt8>, text: StaticString) -> Bool {
    guard bytes.count == text.utf8CodeUnitCount else { return false }
    return text.withUTF8Buffer { expected in
      for index in bytes.indices where unsafe bytes[index] != expected[index] { return false }
      return true
    }
  }
}

extension Array<UInt8> {
  package init(copying bytes: Span<UInt8>) {
    self = unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
  }

  package mutating func append(copying bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }

  package mutating func append(_ text: StaticString) {
    text.withUTF8Buffer { unsafe append(contentsOf: $0) }
  }
}
