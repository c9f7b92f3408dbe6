// An HTTP/1.1 answer, parsed as its bytes come (RFC 9112).

internal import HTTPSyntax

/// Parses one answer from bytes given in pieces of any size.
///
/// It does no I/O, copies no byte of the body and holds at most `maxHeadBytes`. Lines end in CRLF;
/// what RFC 9112 lets a recipient repair (a bare LF, a folded line) is refused.
package struct ResponseParser: Sendable {
  /// What a step found.
  package enum Event: Equatable, Sendable {
    /// Nothing: all of the input is used, and more is needed.
    case needsInput
    case head(ResponseHead)
    /// Bytes of the body: this range of the input.
    case body(Range<Int>)
    /// The response is complete; input beyond it is not part of it.
    case end
  }

  private enum State {
    case head
    case fixed(remaining: Int)
    case chunkSize
    case chunk(remaining: Int)
    case chunkEnd
    case trailers
    case untilClose
    case ended
  }

  private let maxHeadBytes: Int
  private let hasBody: Bool
  private var state = State.head
  /// The line being read, without its CRLF once it is complete.
  private var line: [UInt8] = []
  private var head: ResponseHead?
  private var framing = Framing()
  /// All bytes of heads, chunk sizes' lines excepted, and trailers.
  private var headBytes = 0

  /// Whether a byte of the response has come: the peer has acted on the request, or may have.
  package private(set) var hasBegun = false

  /// - Parameters:
  ///   - isHead: the request was HEAD, whose response has no body whatever its fields say.
  ///   - maxHeadBytes: for the status line and the header fields, those of interim (1xx) answers
  ///     before it and trailers together.
  package init(isHead: Bool, maxHeadBytes: Int = 16 * 1024) {
    hasBody = !isHead
    self.maxHeadBytes = maxHeadBytes
  }

  /// Whether the connection can take another request once the response has ended.
  package var keepsConnection: Bool { head?.keepsConnection == true && !framing.endsWithConnection }

  /// Looks at `input` from `position` on, advances that past what was used, and returns the first
  /// event.
  package mutating func next(
    in input: Span<UInt8>, at position: inout Int
  ) throws(ResponseError) -> Event {
    if position < input.count { hasBegun = true }
    while true {
      switch state {
      case .head, .chunkSize, .chunkEnd, .trailers:
        guard try readLine(in: input, at: &position) else { return .needsInput }
        if let event = try handleLine() { return event }
      case .fixed(let remaining):
        guard remaining > 0 else {
          state = .ended
          continue
        }
        guard let range = take(remaining, of: input, at: &position) else { return .needsInput }
        state = .fixed(remaining: remaining - range.count)
        return .body(range)
      case .chunk(let remaining):
        guard let range = take(remaining, of: input, at: &position) else { return .needsInput }
        state = range.count == remaining ? .chunkEnd : .chunk(remaining: remaining - range.count)
        return .body(range)
      case .untilClose:
        guard let range = take(.max, of: input, at: &position) else { return .needsInput }
        return .body(range)
      case .ended: return .end
      }
    }
  }

  /// Tells that the peer has closed in order, which is how a response without a length ends.
  package mutating func finish() throws(ResponseError) {
    switch state {
    case .ended, .fixed(remaining: 0): break
    case .untilClose: state = .ended
    default: throw .truncated
    }
  }

  // MARK: - Lines

  private func take(_ limit: Int, of input: Span<UInt8>, at position: inout Int) -> Range<Int>? {
    guard position < input.count else { return nil }
    let end = limit < input.count - position ? position + limit : input.count
    defer { position = end }
    return position..<end
  }

  /// Adds input to `line` until that is complete.
  private mutating func readLine(
    in input: Span<UInt8>, at position: inout Int
  ) throws(ResponseError) -> Bool {
    let start = position
    let end = min(input.count, start + maxHeadBytes - headBytes)
    var isAfterCR = line.last == UInt8(ascii: "\r")
    var isComplete = false
    while position < end && !isComplete {
      isComplete = input[position] == UInt8(ascii: "\n")
      // A CR anywhere but before LF would let two readers see different lines.
      if isAfterCR != isComplete { throw isHead ? .badHeader : .badChunk }
      isAfterCR = input[position] == UInt8(ascii: "\r")
      position += 1
    }
    headBytes += position - start
    line.append(copying: input.extracting(start..<position))
    if isComplete {
      line.removeLast(2)
    } else if position < input.count {
      throw isHead ? .headTooLong : .badChunk
    }
    return isComplete
  }

  private var isHead: Bool { if case .head = state { true } else { false } }

  private mutating func handleLine() throws(ResponseError) -> Event? {
    defer { line.removeAll(keepingCapacity: true) }
    switch state {
    case .head: return try handleHeadLine()
    case .chunkSize:
      // Data is not counted, and neither are the lines between: only their length is limited.
      headBytes -= line.count + 2
      let size = try chunkSize(line)
      state = size == 0 ? .trailers : .chunk(remaining: size)
    case .chunkEnd:
      guard line.isEmpty else { throw .badChunk }
      headBytes -= 2
      state = .chunkSize
    default:
      if line.isEmpty { state = .ended }
    }
    return nil
  }

  private mutating func handleHeadLine() throws(ResponseError) -> Event? {
    guard var head else {
      head = try statusLine(line)
      return nil
    }
    guard line.isEmpty else {
      try framing.read(line, into: &head)
      self.head = head
      return nil
    }
    if (100..<200).contains(head.status) {
      guard head.status != 101 else { throw .switchedProtocols }
      self.head = nil
      framing = Framing()
      return nil
    }
    try framing.verify()
    head.isChunked = framing.isChunked
    self.head = head
    state = bodyState(of: head)
    return .head(head)
  }

  /// RFC 9112 6.3.
  private mutating func bodyState(of head: ResponseHead) -> State {
    if !hasBody || head.status == 204 || head.status == 304 { return .ended }
    if head.isChunked { return .chunkSize }
    if let length = head.contentLength { return .fixed(remaining: length) }
    framing.endsWithConnection = true
    return .untilClose
  }
}
