// How tokens carry bytes as text (RFC 7515, section 2).

/// base64url without padding (RFC 4648, section 5).
enum Base64URL {
  /// The bytes; nil for any other character, padding and line breaks included, and where bits are
  /// left over that are not zero: one value has one text.
  static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    // Once, since a global is looked at each time for whether it is there.
    let values = Base64URL.values
    var bytes = [UInt8](repeating: 0, count: text.count * 6 / 8)
    var count = 0
    var bits: UInt32 = 0
    var bitCount = 0
    for character in text {
      let value = values[Int(character)]
      guard value < 64 else { return nil }
      bits = bits << 6 | UInt32(value)
      bitCount += 6
      if bitCount >= 8 {
        bitCount -= 8
        bytes[count] = UInt8(truncatingIfNeeded: bits >> bitCount)
        count += 1
      }
    }
    // Six bits left over are a character that stands for nothing.
    return bitCount < 6 && bits & (1 << bitCount - 1) == 0 ? bytes : nil
  }

  /// Of each character; 64 where it is none. A table, since what is random is no branch to guess.
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 64, count: 256)
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for (value, character) in alphabet.utf8.enumerated() {
      values[Int(character)] = UInt8(value)
    }
    return values
  }()
}
