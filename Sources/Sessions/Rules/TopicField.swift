// The form's `topic`.

/// Reads a `topic`: at most 500 Unicode scalars on one line. Line ends and tabs become one space
/// each run, for an upload of minutes is not refused over such things.
struct TopicField {
  static let maxScalars = 500
  /// A scalar takes at most four bytes, so whatever is longer has too many or is not UTF-8.
  private var text = TextField(maxBytes: maxScalars * 4)
  private var endsInFold = false

  mutating func append(_ bytes: Span<UInt8>) {
    for index in bytes.indices {
      switch bytes[index] {
      case UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        if !endsInFold { text.append(UInt8(ascii: " ")) }
        endsInFold = true
      case let byte:
        text.append(byte)
        endsInFold = false
      }
    }
  }

  /// - Returns: nil for an empty field, which counts as absent.
  /// - Throws: `.invalidField(.topic)`.
  func parse() throws(Refusal) -> String? {
    guard !text.isTooLong, let topic = PlainText.parse(text.bytes),
      topic.unicodeScalars.count <= TopicField.maxScalars
    else { throw .invalidField(.topic) }
    return topic.isEmpty ? nil : topic
  }
}
