// Text from outside that may go into the database: UTF-8 without control characters.

enum PlainText {
  /// The text; nil when it is not UTF-8 or has U+0000 to U+001F or U+007F.
  static func parse(_ bytes: [UInt8]) -> String? {
    guard !bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }
}
