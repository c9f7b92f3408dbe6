// The owner's own rule for uploads, which is a function in the database.

enum OwnersRule {
  /// In our schema. A function of ours that calls it has its name at the end of its own.
  static let function = "may_upload"
  private static let maxScalars = 500

  /// What a client is told of a refusal: the rule's text, cut, without control characters.
  static func refusal(_ text: String) -> Refusal {
    var words = String.UnicodeScalarView()
    words += text.unicodeScalars.lazy.filter { $0.properties.generalCategory != .control }
      .prefix(maxScalars)
    return .uploadRefused(words.isEmpty ? "This upload is not allowed" : String(words))
  }
}
