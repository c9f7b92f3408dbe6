// A delimiter in a preamble whose line before it ends in LF alone.

internal import HTTPSyntax

/// Watches a preamble for a boundary line after a bare LF. Other parsers would begin a part there,
/// and so would its sender: to read past it as preamble would lose that part without a word.
struct BareDelimiter: Sendable {
  /// `LF "--" boundary`.
  private let bytes: [UInt8]
  private var matched = 0
  private var previous: UInt8?
  /// After the delimiter, a dash that another one has to follow.
  private var hasDash = false

  init(_ boundary: Boundary) {
    bytes = [ASCII.lineFeed, ASCII.dash, ASCII.dash] + boundary.bytes
  }

  /// Takes the next byte of the preamble.
  ///
  /// - Throws: `bareLineFeed` when it makes the line one that begins a part or ends the message.
  mutating func take(_ byte: UInt8) throws(MultipartError) {
    defer { previous = byte }
    if matched == bytes.count {
      switch byte {
      case ASCII.carriageReturn, ASCII.lineFeed, ASCII.space, ASCII.tab: throw .bareLineFeed
      case ASCII.dash where hasDash: throw .bareLineFeed
      case ASCII.dash:
        hasDash = true
        return
      default: break
      }
    }
    hasDash = false
    // Only the first byte is LF, so what has matched in vain holds no beginning of another match.
    if matched < bytes.count, matched > 0, byte == bytes[matched] {
      matched += 1
    } else {
      matched = byte == ASCII.lineFeed && previous != ASCII.carriageReturn ? 1 : 0
    }
  }
}
