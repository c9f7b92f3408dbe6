// The form's other texts, kept only as far as judging them needs.

/// Keeps the beginning of a text field and remembers whether there was more.
struct TextField {
  private(set) var bytes: [UInt8] = []
  private(set) var isTooLong = false
  private let maxBytes: Int

  init(maxBytes: Int) { self.maxBytes = maxBytes }

  mutating func append(_ piece: Span<UInt8>) {
    for index in piece.indices where !isTooLong { append(piece[index]) }
  }

  mutating func append(_ byte: UInt8) {
    if bytes.count == maxBytes {
      isTooLong = true
    } else {
      bytes.append(byte)
    }
  }
}
