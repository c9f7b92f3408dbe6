// Whole numbers, by grammar and on bytes.

/// Whole numbers in ASCII digits. `Int(_:)` also takes signs.
enum DecimalDigits {
  /// The number; nil when there is no digit, anything else, or more than 2^53 - 1, the largest
  /// whole number that is safe in JSON.
  static func parse(_ text: some Collection<UInt8>) -> Int? {
    guard !text.isEmpty else { return nil }
    var value = 0
    for byte in text {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
      value = value * 10 + Int(byte - UInt8(ascii: "0"))
      guard value < 1 << 53 else { return nil }
    }
    return value
  }
}
