// Whole numbers of a wire format: `1*DIGIT`, by grammar and on bytes.

/// Reads whole numbers in ASCII digits. `Int(_:)` would also take signs.
package enum DecimalDigits {
  /// The number; nil when there is no digit, anything else, or more than `max`. By default that is
  /// 2^53 - 1, the largest whole number that is safe in JSON.
  package static func parse(_ text: ArraySlice<UInt8>, upTo max: Int = 1 << 53 - 1) -> Int? {
    guard !text.isEmpty else { return nil }
    var value = 0
    for byte in text {
      guard byte.isDigit else { return nil }
      value = value * 10 + Int(byte - UInt8(ascii: "0"))
      guard value <= max else { return nil }
    }
    return value
  }
}
