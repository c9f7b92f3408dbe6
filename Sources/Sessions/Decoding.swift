// Percent escapes and whole numbers, by grammar and on bytes.

/// Percent-encoding (RFC 3986, section 2.1).
enum PercentEncoding {
  /// The decoded bytes; nil when a `%` is not followed by two hexadecimal digits.
  static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(text.count)
    var rest = text.makeIterator()
    while let byte = rest.next() {
      guard byte == UInt8(ascii: "%") else {
        decoded.append(byte)
        continue
      }
      guard let high = rest.next().flatMap(hexValue), let low = rest.next().flatMap(hexValue)
      else { return nil }
      decoded.append(high << 4 | low)
    }
    return decoded
  }

  static func hexValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

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
