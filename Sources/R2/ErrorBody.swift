// S3's error code, taken out of the body of a refusal.

internal import HTTPSyntax

/// Keeps the beginning of a refusal's body, and finds `<Code>` in it.
///
/// Nothing else of it is ever used: the texts beside the code name keys, buckets and signatures.
struct ErrorBody {
  /// More than any store's error has, and little enough to read for nothing.
  static let maxBytes = 16 * 1024

  private var bytes: [UInt8] = []

  /// Adds a piece. Returns false once there is more than anyone wants to read.
  mutating func append(_ piece: Span<UInt8>) -> Bool {
    let room = Self.maxBytes - bytes.count
    for index in 0..<min(room, piece.count) { bytes.append(piece[index]) }
    return piece.count <= room
  }

  /// Whether there is an error in it at all: stores also write one after a head that said 200.
  var isError: Bool {
    firstIndex(of: "<Error>", from: 0) != nil || firstIndex(of: "<Error ", from: 0) != nil
  }

  /// The code, unless it is not one to be logged: 1 to 64 ASCII letters, digits and `.`.
  var code: String? {
    guard let start = firstIndex(of: "<Code>", from: 0) else { return nil }
    guard let end = firstIndex(of: "</Code>", from: start + 6) else { return nil }
    let code = bytes[(start + 6)..<end]
    guard (1...64).contains(code.count),
      code.allSatisfy({ $0.isLetterOrDigit || $0 == UInt8(ascii: ".") })
    else { return nil }
    return String(decoding: code, as: UTF8.self)
  }

  private func firstIndex(of tag: String, from start: Int) -> Int? {
    let tag = Array(tag.utf8)
    guard bytes.count - start >= tag.count else { return nil }
    return (start...(bytes.count - tag.count)).first { bytes[$0...].starts(with: tag) }
  }
}
