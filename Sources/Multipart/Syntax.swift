// The parameters that media types and dispositions share, in RFC 9110's grammar.

internal import HTTPSyntax

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
  ///
  /// - Parameter unquoted: what a value without quotes consists of: token bytes, by the RFC.
  func nextParameter(
    at position: inout Int, unquoted: (UInt8) -> Bool = \.isTokenByte
  ) -> NextParameter {
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
    let value = position..<end(from: position, while: unquoted)
    if value.isEmpty { return .malformed }
    position = value.upperBound
    return .parameter(Parameter(name: name, value: value, isQuoted: false))
  }

  /// The inside of the quoted-string that begins at `position`, its escapes kept; nil if it does
  /// not end or has a control character.
  ///
  /// A backslash hides a following quote or backslash only. That finds the same end as RFC 9110's
  /// `quoted-pair`, and leaves `"C:\fakepath\x.webm"` what old browsers mean by it. The quote that
  /// ends the line ends the value, too: browsers do not escape a backslash that a name ends in.
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
        && (self[index + 1] == ASCII.backslash
          || self[index + 1] == ASCII.quote && end(from: index + 2, while: \.isSpaceOrTab) < count)
      index += isEscape ? 2 : 1
    }
    return nil
  }
}
