// The form's other texts, kept only as far as judging them needs.

/// Keeps the beginning of a text field and remembers whether there was more.
struct TextField {
  private(set) var bytes: [UInt8] = []
  private(set) var isTooLong = false
  private let mostBytes: Int

  init(mostBytes: Int) { self.mostBytes = mostBytes }

  mutating func append(_ piece: Span<UInt8>) {
    guard !isTooLong, bytes.count + piece.count <= mostBytes else {
      isTooLong = true
      return
    }
    unsafe piece.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
  }
}

/// What may stand in `topic`.
enum Topic {
  static let mostScalars = 500
  /// A scalar takes at most four bytes, so whatever is longer has too many or is not UTF-8.
  static let mostBytes = mostScalars * 4

  /// - Returns: nil for an empty field, which counts as absent.
  static func parse(_ field: TextField) throws(Refusal) -> String? {
    guard !field.isTooLong, let text = PlainText.parse(field.bytes),
      text.unicodeScalars.count <= mostScalars
    else { throw .invalidField(.topic) }
    return text.isEmpty ? nil : text
  }
}

/// What may stand in `language`: `[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*`.
enum LanguageTag {
  static let mostBytes = 35
  static let standard = "en"

  /// - Returns: nil for an empty field, which counts as absent.
  static func parse(_ field: TextField) throws(Refusal) -> String? {
    if field.bytes.isEmpty && !field.isTooLong { return nil }
    let subtags = field.bytes.split(
      separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard !field.isTooLong, subtags[0].count >= 2,
      subtags[0].allSatisfy(isLetter), subtags.allSatisfy(isSubtag)
    else { throw .invalidField(.language) }
    return String(decoding: field.bytes, as: UTF8.self)
  }

  private static func isSubtag(_ text: ArraySlice<UInt8>) -> Bool {
    (1...8).contains(text.count) && text.allSatisfy { isLetter($0) || isDigit($0) }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
