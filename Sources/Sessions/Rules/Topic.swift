// The form's `topic`.

/// What may stand in `topic`.
enum Topic {
  static let maxScalars = 500
  /// A scalar takes at most four bytes, so whatever is longer has too many or is not UTF-8.
  static let maxBytes = maxScalars * 4

  /// - Returns: nil for an empty field, which counts as absent.
  static func parse(_ field: TextField) throws(Refusal) -> String? {
    guard !field.isTooLong, let text = PlainText.parse(field.bytes),
      text.unicodeScalars.count <= maxScalars
    else { throw .invalidField(.topic) }
    return text.isEmpty ? nil : text
  }
}
