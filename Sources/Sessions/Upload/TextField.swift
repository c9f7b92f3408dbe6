// The form's other texts, kept only as far as judging them needs.

/// Keeps the beginning of a text field and remembers whether there was more.
struct TextField {
  private(set) var bytes: [UInt8] = []
  private(set) var isTooLong = false
  private let maxBytes: Int

  init(maxBytes: Int) { self.maxBytes = maxBytes }

  mutating func append(_ piece: Span<UInt8>) {
    guard !isTooLong, bytes.count + piece.count <= maxBytes else {
      isTooLong = true
      return
    }
    unsafe piece.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
  }
}
