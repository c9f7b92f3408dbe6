// The form's `duration`: a decimal number of seconds, judged while it comes.

/// Reads a decimal number of any length in constant memory.
///
/// The grammar is `*digit [ "." *digit ]` with at least one digit; no sign, exponent or space.
/// Swift's own conversion would also take `nan`, `inf`, `0x10` and `1e400`.
struct DurationField {
  private var wholeSeconds = 0
  private var hasDigit = false
  private var hasPoint = false
  private var firstFractionDigit: UInt8?
  private var hasFraction = false
  private var isMalformed = false

  private static let maxSeconds = 86_400

  mutating func append(_ bytes: Span<UInt8>) {
    for index in bytes.indices { append(bytes[index]) }
  }

  private mutating func append(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      hasDigit = true
      let digit = byte - UInt8(ascii: "0")
      if hasPoint {
        firstFractionDigit = firstFractionDigit ?? digit
        hasFraction = hasFraction || digit != 0
      } else {
        // Saturating: more digits cannot make it valid again.
        wholeSeconds = min(wholeSeconds * 10 + Int(digit), DurationField.maxSeconds + 1)
      }
    case UInt8(ascii: ".") where !hasPoint:
      hasPoint = true
    default:
      isMalformed = true
    }
  }

  /// Whole seconds, halves rounded up; nil when it is no number from 0 to 86400.
  var seconds: Int? {
    guard hasDigit, !isMalformed, wholeSeconds <= DurationField.maxSeconds,
      wholeSeconds < DurationField.maxSeconds || !hasFraction
    else { return nil }
    return wholeSeconds + (firstFractionDigit ?? 0 >= 5 ? 1 : 0)
  }
}
