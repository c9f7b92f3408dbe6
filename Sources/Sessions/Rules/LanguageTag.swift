// The form's `language`.

internal import HTTPSyntax

/// What may stand in `language`: `[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*`.
enum LanguageTag {
  static let maxBytes = 35
  static let standard = "en"

  /// - Returns: nil for an empty field, which counts as absent.
  static func parse(_ field: TextField) throws(Refusal) -> String? {
    if field.bytes.isEmpty && !field.isTooLong { return nil }
    let subtags = field.bytes.split(
      separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard !field.isTooLong, subtags[0].count >= 2,
      subtags[0].allSatisfy(\.isLetter), subtags.allSatisfy(isSubtag)
    else { throw .invalidField(.language) }
    return String(decoding: field.bytes, as: UTF8.self)
  }

  private static func isSubtag(_ text: ArraySlice<UInt8>) -> Bool {
    (1...8).contains(text.count) && text.allSatisfy(\.isLetterOrDigit)
  }
}
