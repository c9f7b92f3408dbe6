// The bytes of RFC 9110's grammar, and the parameters that media types and dispositions share.

enum ASCII {
  static let tab: UInt8 = 0x09
  static let lineFeed: UInt8 = 0x0A
  static let carriageReturn: UInt8 = 0x0D
  static let space: UInt8 = 0x20
  static let quote: UInt8 = 0x22
  static let percent: UInt8 = 0x25
  static let dash: UInt8 = 0x2D
  static let slash: UInt8 = 0x2F
  static let colon: UInt8 = 0x3A
  static let semicolon: UInt8 = 0x3B
  static let equals: UInt8 = 0x3D
  static let backslash: UInt8 = 0x5C
}

extension UInt8 {
  var isLetterOrDigit: Bool {
    switch self {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: false
    }
  }

  /// `tchar`, RFC 9110 section 5.6.2.
  var isTokenByte: Bool {
    switch self {
    case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: true
    default: isLetterOrDigit
    }
  }

  /// Whether a header line may hold this byte: no CTL but HTAB.
  var isFieldByte: Bool { self >= 0x20 && self != 0x7F || self == ASCII.tab }

  /// OWS, RFC 9110 section 5.6.3, and RFC 2046's transport padding.
  var isSpaceOrTab: Bool { self == ASCII.space || self == ASCII.tab }

  var lowercased: UInt8 { 0x41...0x5A ~= self ? self + 0x20 : self }
}

extension Span<UInt8> {
  /// The first index from `position` on whose byte does not satisfy `condition`, or `count`.
  func end(from position: Int, while condition: (UInt8) -> Bool) -> Int {
    var position = position
    while position < count, condition(self[position]) { position += 1 }
    return position
  }

  /// What is left of `range` without the spaces and tabs at its ends.
  func trimmed(_ range: Range<Int>) -> Range<Int> {
    var lower = range.lowerBound
    var upper = range.upperBound
    while lower < upper, self[lower].isSpaceOrTab { lower += 1 }
    while upper > lower, self[upper - 1].isSpaceOrTab { upper -= 1 }
    return lower..<upper
  }

  func bytes(in range: Range<Int>) -> [UInt8] { range.map { self[$0] } }

  /// Whether `range` holds `token`, given in lower case; the case of ASCII letters is ignored.
  func holds(_ token: String, in range: Range<Int>) -> Bool {
    range.count == token.utf8.count
      && zip(range, token.utf8).allSatisfy { index, byte in self[index].lowercased == byte }
  }
}

/// One `name=value` of a header field: where it stands, the quotes of the value left out.
struct Parameter {
  let name: Range<Int>
  let value: Range<Int>
  let isQuoted: Bool
}

enum NextParameter {
  case parameter(Parameter)
  case end
  case malformed
}

extension Span<UInt8> {
  /// Reads the next of `*( OWS ";" OWS [ parameter ] )`, RFC 9110 section 5.6.6, from `position`.
  func nextParameter(at position: inout Int) -> NextParameter {
    position = end(from: position, while: \.isSpaceOrTab)
    var hasSeparator = false
    while position < count, self[position] == ASCII.semicolon {
      hasSeparator = true
      position = end(from: position + 1, while: \.isSpaceOrTab)
    }
    if position == count { return .end }
    let name = position..<end(from: position, while: \.isTokenByte)
    guard hasSeparator, !name.isEmpty, name.upperBound < count,
      self[name.upperBound] == ASCII.equals
    else { return .malformed }
    position = name.upperBound + 1
    if position < count, self[position] == ASCII.quote {
      guard let value = quotedValue(at: &position) else { return .malformed }
      return .parameter(Parameter(name: name, value: value, isQuoted: true))
    }
    let value = position..<end(from: position, while: \.isTokenByte)
    if value.isEmpty { return .malformed }
    position = value.upperBound
    return .parameter(Parameter(name: name, value: value, isQuoted: false))
  }

  /// The inside of the quoted-string that begins at `position`, its escapes kept; nil if it does
  /// not end or has a control character.
  ///
  /// A backslash hides a following quote or backslash only. That finds the same end as RFC 9110's
  /// `quoted-pair`, and leaves `"C:\fakepath\x.webm"` what old browsers mean by it.
  private func quotedValue(at position: inout Int) -> Range<Int>? {
    let start = position + 1
    var index = start
    while index < count, self[index].isFieldByte {
      if self[index] == ASCII.quote {
        position = index + 1
        return start..<index
      }
      let isEscape =
        self[index] == ASCII.backslash && index + 1 < count
        && (self[index + 1] == ASCII.quote || self[index + 1] == ASCII.backslash)
      index += isEscape ? 2 : 1
    }
    return nil
  }
}
