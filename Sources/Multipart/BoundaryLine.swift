// What may follow a delimiter on its line.

internal import HTTPSyntax

/// Reads the rest of a boundary line, byte by byte: `*LWSP-char CRLF` (RFC 2046 section 5.1.1), or
/// `"--"` for the final one.
///
/// After a part the two dashes end the message, whatever follows them: senders end that line with
/// LF alone or not at all, and nothing that comes later is read. In a preamble, where lines may
/// begin like a boundary line and be none, they have to have the line for themselves.
struct BoundaryLine: Sendable {
  private enum State {
    case delimiter
    case dash
    case padding
    case carriageReturn
  }

  enum Progress {
    case incomplete
    case complete
    /// The byte cannot stand here. It has not been taken.
    case mismatch
  }

  private let isInPreamble: Bool
  private var state = State.delimiter
  private(set) var isFinal = false

  init(isInPreamble: Bool) { self.isInPreamble = isInPreamble }

  /// Whether the message may end here, without the CRLF of its final line.
  var mayEndInput: Bool { isFinal && state == .padding }

  /// Takes the next byte. Throws `bareLineFeed` for an LF that ends the line alone.
  mutating func take(_ byte: UInt8) throws(MultipartError) -> Progress {
    switch (state, byte) {
    case (.delimiter, ASCII.dash):
      state = .dash
    case (.dash, ASCII.dash):
      state = .padding
      isFinal = true
      if !isInPreamble { return .complete }
    case (.delimiter, ASCII.space), (.delimiter, ASCII.tab), (.padding, ASCII.space),
      (.padding, ASCII.tab):
      state = .padding
    case (.delimiter, ASCII.carriageReturn), (.padding, ASCII.carriageReturn):
      state = .carriageReturn
    case (.carriageReturn, ASCII.lineFeed):
      return .complete
    case (.delimiter, ASCII.lineFeed), (.padding, ASCII.lineFeed):
      throw .bareLineFeed
    default:
      return .mismatch
    }
    return .incomplete
  }
}
