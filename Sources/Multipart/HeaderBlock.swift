// The header lines of a part, collected under the limits.

internal import HTTPSyntax

/// Takes the header lines of a part as they come, and then those of the next. It keeps the current
/// line and what `PartHeaders` needs.
struct HeaderBlock: Sendable {
  private let limits: MultipartLimits
  private var line: [UInt8] = []
  private var endsInCarriageReturn = false
  private var finishedBytes = 0
  private var lineCount = 0
  private var fields = HeaderFields()

  init(limits: MultipartLimits) {
    self.limits = limits
  }

  /// How many bytes are kept until their line is complete.
  var heldBytes: Int { line.count }

  /// Takes bytes of `piece` from `position` on, up to the end of the headers or of the piece.
  /// Gives the headers once the empty line that ends them has been read.
  mutating func take(
    _ piece: Span<UInt8>, at position: inout Int
  ) throws(MultipartError) -> PartHeaders? {
    while position < piece.count {
      let byte = piece[position]
      position += 1
      if endsInCarriageReturn {
        guard byte == ASCII.lineFeed else { throw .bareCarriageReturn }
        endsInCarriageReturn = false
        if line.isEmpty { return try finish() }
        try finishLine()
      } else if byte == ASCII.carriageReturn {
        endsInCarriageReturn = true
      } else {
        try append(byte)
      }
    }
    return nil
  }

  private mutating func append(_ byte: UInt8) throws(MultipartError) {
    if byte == ASCII.lineFeed { throw .bareLineFeed }
    if !byte.isFieldByte { throw .controlCharacter }
    try checkSize(finishedBytes + line.count + 1)
    line.append(byte)
  }

  private func checkSize(_ size: Int) throws(MultipartError) {
    if size > limits.maxHeaderBytes { throw .headersTooLarge(limit: limits.maxHeaderBytes) }
  }

  private mutating func finishLine() throws(MultipartError) {
    finishedBytes += line.count + 2
    try checkSize(finishedBytes)
    lineCount += 1
    if lineCount > limits.maxHeaderLines {
      throw .tooManyHeaderLines(limit: limits.maxHeaderLines)
    }
    try fields.read(line)
    line.removeAll(keepingCapacity: true)
  }

  private mutating func finish() throws(MultipartError) -> PartHeaders {
    let headers = try fields.partHeaders()
    fields = HeaderFields()
    finishedBytes = 0
    lineCount = 0
    return headers
  }
}
