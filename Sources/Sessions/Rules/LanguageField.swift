// The form's `language`.

internal import HTTPSyntax

/// Reads a `language`: `[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*`, at most 35 bytes. As systems write it,
/// `_` counts as `-`; white space around it does not count.
struct LanguageField {
  static let standard = "en"
  private var text = TextField(maxBytes: 35)
  private var endsInBlank = false
  private var isMalformed = false

  mutating func append(_ bytes: Span<UInt8>) {
    for index in bytes.indices {
      switch bytes[index] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        endsInBlank = !text.bytes.isEmpty
      case let byte:
        // A blank in the middle.
        isMalformed = isMalformed || endsInBlank
        text.append(byte == UInt8(ascii: "_") ? UInt8(ascii: "-") : byte)
      }
    }
  }

  /// - Returns: nil for an empty field, which counts as absent.
  /// - Throws: `.invalidField(.language)`.
  func parse() throws(Refusal) -> String? {
    if text.bytes.isEmpty { return nil }
    let subtags = text.bytes.split(
      separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard !isMalformed, !text.isTooLong, subtags[0].count >= 2,
      subtags[0].allSatisfy(\.isLetter), subtags.allSatisfy(LanguageField.isSubtag)
    else { throw .invalidField(.language) }
    return String(decoding: text.bytes, as: UTF8.self)
  }

  private static func isSubtag(_ text: ArraySlice<UInt8>) -> Bool {
    (1...8).contains(text.count) && text.allSatisfy(\.isLetterOrDigit)
  }
}
