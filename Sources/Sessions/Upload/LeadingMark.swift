// U+FEFF at the beginning of a text, where some senders put it.

/// Drops a byte order mark at the beginning of a field, however the field is cut.
struct LeadingMark {
  private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
  /// How much of the mark has come; nil once the text has begun.
  private var matched: Int? = 0

  /// Passes on what of `bytes` is text.
  mutating func strip(_ bytes: Span<UInt8>, _ pass: (Span<UInt8>) -> Void) {
    guard let start = matched else { return pass(bytes) }
    var count = 0
    while count < bytes.count, start + count < LeadingMark.mark.count,
      bytes[count] == LeadingMark.mark[start + count]
    { count += 1 }
    matched = start + count
    if start + count == LeadingMark.mark.count {
      matched = nil
    } else if count < bytes.count {
      matched = nil
      // What looked like the beginning of a mark was text, though none that is UTF-8.
      pass(LeadingMark.mark.span.extracting(..<(start + count)))
    } else {
      return
    }
    pass(bytes.extracting(count...))
  }

  /// Passes on what was held back at the field's end.
  func finish(_ pass: (Span<UInt8>) -> Void) {
    if let matched, matched > 0 { pass(LeadingMark.mark.span.extracting(..<matched)) }
  }
}
