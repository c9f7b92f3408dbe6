// The key by which a repeated upload is known (draft-ietf-httpapi-idempotency-key-header).

/// A client's name for its upload, the same in every attempt.
package struct IdempotencyKey: Equatable, Sendable {
  let text: String

  /// Reads the header: 1 to 255 visible ASCII characters, as they are or as a string in quotes
  /// (RFC 9651, section 3.3.3), which is the same key.
  ///
  /// - Returns: nil without a header.
  /// - Throws: `.invalidIdempotencyKey`, for several headers too.
  static func read(_ fields: [[UInt8]]) throws(Refusal) -> IdempotencyKey? {
    guard let field = fields.first else { return nil }
    guard fields.count == 1, let key = field.first == quote ? unquoted(field) : field,
      (1...255).contains(key.count), key.allSatisfy({ (0x21...0x7E).contains($0) })
    else { throw .invalidIdempotencyKey }
    return IdempotencyKey(text: String(decoding: key, as: UTF8.self))
  }

  private static let quote = UInt8(ascii: "\"")
  private static let backslash = UInt8(ascii: "\\")

  private static func unquoted(_ field: [UInt8]) -> [UInt8]? {
    guard field.count >= 2, field.last == quote else { return nil }
    var key: [UInt8] = []
    var rest = field.dropFirst().dropLast().makeIterator()
    while let byte = rest.next() {
      switch byte {
      case quote: return nil
      case backslash:
        guard let escaped = rest.next(), escaped == quote || escaped == backslash else {
          return nil
        }
        key.append(escaped)
      default: key.append(byte)
      }
    }
    return key
  }
}
