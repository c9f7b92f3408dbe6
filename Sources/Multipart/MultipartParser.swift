// The push parser: bytes in as they come, events out.

/// Parses one multipart/form-data message (RFC 7578, RFC 2046 section 5.1) from pieces of any size.
///
/// The events are the same however the message is cut. Body bytes are lent to the handler where
/// they lie, without copy or allocation. Of a body the parser holds back only what may be the
/// beginning of a delimiter, at most 203 bytes, and of headers at most `maxHeaderBytes`. The work
/// is linear in the bytes given, whatever they are.
///
/// What is accepted and what is refused is said in <doc:Multipart>. After an error, whether its own
/// or the handler's, a parser must not be used again: that stops the program.
public struct MultipartParser: ~Copyable, Sendable {
  private enum State {
    /// In the preamble or a body, looking for the delimiter.
    case text
    case boundaryLine(BoundaryLine)
    case headers
    case epilogue
    case stopped
  }

  private let delimiter: Delimiter
  private let limits: MultipartLimits
  private var state = State.text
  private var headers: HeaderBlock
  private var partCount = 0

  /// How many bytes of the delimiter have been matched at the end of the last piece. They are
  /// held back without being stored, since they are the delimiter's own.
  private var matched = 2

  /// How many of the matched bytes are no body: the CRLF of the line before, which a delimiter at
  /// the beginning of the message or of a body shares with it.
  private var borrowed = 2

  private var bareDelimiter: BareDelimiter

  private var stepCount = StepCount()

  #if DEBUG
    /// How many bytes have been looked at.
    package var steps: Int { stepCount.value }
  #endif

  /// How many bytes are kept until later ones decide what they are.
  package var heldBytes: Int { matched - borrowed + headers.heldBytes }

  /// Makes a parser of one message.
  public init(boundary: Boundary, limits: MultipartLimits) {
    delimiter = Delimiter(boundary)
    self.limits = limits
    headers = HeaderBlock(limits: limits)
    bareDelimiter = BareDelimiter(boundary)
  }

  /// Parses the next piece of the message and calls `handler` for what it completes.
  ///
  /// An empty piece is fine.
  ///
  /// - Throws: `malformed` for a message that is wrong or passes a limit, and `handler` with what
  ///   the handler threw.
  public mutating func parse<Handler: MultipartHandler & ~Copyable>(
    _ bytes: Span<UInt8>, into handler: inout Handler
  ) throws(MultipartFailure<Handler.Failure>) {
    do throws(MultipartFailure<Handler.Failure>) {
      try advance(over: bytes, handler: &handler)
    } catch {
      state = .stopped
      throw error
    }
  }

  /// Says that the input has ended, and ends the message if its final line has no CRLF.
  ///
  /// - Throws: `missingBoundary` if no delimiter was found, `missingFinalBoundary` if the message
  ///   is not complete, or what the handler threw.
  public consuming func finish<Handler: MultipartHandler & ~Copyable>(
    into handler: inout Handler
  ) throws(MultipartFailure<Handler.Failure>) {
    switch state {
    case .epilogue: break
    case .boundaryLine(let line) where line.mayEndInput: try endMessage(handler: &handler)
    case .text where isInPreamble: throw .malformed(.missingBoundary)
    case .text, .boundaryLine, .headers: throw .malformed(.missingFinalBoundary)
    case .stopped: preconditionFailure("a parser that has failed is used again")
    }
  }

  private var isInPreamble: Bool { partCount == 0 }

  private mutating func advance<Handler: MultipartHandler & ~Copyable>(
    over piece: Span<UInt8>, handler: inout Handler
  ) throws(MultipartFailure<Handler.Failure>) {
    var position = 0
    while position < piece.count {
      switch state {
      case .text:
        let start = position
        try readText(piece, at: &position, handler: &handler)
        if isInPreamble {
          do throws(MultipartError) {
            try watchPreamble(piece.extracting(start..<position))
          } catch {
            throw .malformed(error)
          }
        }
      case .boundaryLine(let line):
        try readBoundaryLine(line, piece, at: &position, handler: &handler)
      case .headers:
        try readHeaders(piece, at: &position, handler: &handler)
      case .epilogue:
        return
      case .stopped:
        preconditionFailure("a parser that has failed is used again")
      }
    }
  }

  private mutating func readText<Handler: MultipartHandler & ~Copyable>(
    _ piece: Span<UInt8>, at position: inout Int, handler: inout Handler
  ) throws(MultipartFailure<Handler.Failure>) {
    if matched > 0 {
      let length = delimiter.matchLength(in: piece, from: position, after: matched)
      matched += length
      position += length
      stepCount.add(length + 1)
      if matched < delimiter.count {
        if position == piece.count { return }
        try deliver(delimiter.bytes.span.extracting(borrowed..<matched), to: &handler)
      }
      borrowed = 0
    }
    if matched < delimiter.count {
      let match = delimiter.firstMatch(in: piece, from: position, steps: &stepCount)
      try deliver(piece.extracting(position..<match.start), to: &handler)
      matched = match.length
      position = match.end
    }
    if matched == delimiter.count {
      matched = 0
      state = .boundaryLine(BoundaryLine(isInPreamble: isInPreamble))
    }
  }

  private mutating func watchPreamble(_ bytes: Span<UInt8>) throws(MultipartError) {
    stepCount.add(bytes.count)
    for index in bytes.indices { try bareDelimiter.take(bytes[index]) }
  }

  private mutating func readBoundaryLine<Handler: MultipartHandler & ~Copyable>(
    _ start: BoundaryLine, _ piece: Span<UInt8>, at position: inout Int, handler: inout Handler
  ) throws(MultipartFailure<Handler.Failure>) {
    var line = start
    while position < piece.count {
      let progress: BoundaryLine.Progress
      do throws(MultipartError) { progress = try line.take(piece[position]) } catch {
        throw .malformed(error)
      }
      stepCount.add(1)
      switch progress {
      case .incomplete:
        position += 1
      case .complete:
        position += 1
        return line.isFinal ? try endMessage(handler: &handler) : try beginPart(&handler)
      case .mismatch:
        // RFC 2046: no line of a body may begin with the delimiter, but one of a preamble may.
        if !isInPreamble { throw .malformed(.malformedBoundaryLine) }
        state = .text
        return
      }
    }
    state = .boundaryLine(line)
  }

  private mutating func readHeaders<Handler: MultipartHandler & ~Copyable>(
    _ piece: Span<UInt8>, at position: inout Int, handler: inout Handler
  ) throws(MultipartFailure<Handler.Failure>) {
    let start = position
    let part: PartHeaders?
    do throws(MultipartError) { part = try headers.take(piece, at: &position) } catch {
      throw .malformed(error)
    }
    stepCount.add(position - start)
    guard let part else { return }
    state = .text
    matched = 2
    borrowed = 2
    try calling { () throws(Handler.Failure) in try handler.partBegan(part) }
  }

  private mutating func beginPart<Handler: MultipartHandler & ~Copyable>(
    _ handler: inout Handler
  ) throws(MultipartFailure<Handler.Failure>) {
    try endPart(handler: &handler)
    if partCount == limits.maxParts { throw .malformed(.tooManyParts(limit: limits.maxParts)) }
    partCount += 1
    state = .headers
  }

  private mutating func endMessage<Handler: MultipartHandler & ~Copyable>(
    handler: inout Handler
  ) throws(MultipartFailure<Handler.Failure>) {
    try endPart(handler: &handler)
    state = .epilogue
    try calling { () throws(Handler.Failure) in try handler.messageEnded() }
  }

  private func endPart<Handler: MultipartHandler & ~Copyable>(
    handler: inout Handler
  ) throws(MultipartFailure<Handler.Failure>) {
    if isInPreamble { return }
    try calling { () throws(Handler.Failure) in try handler.partEnded() }
  }

  private func deliver<Handler: MultipartHandler & ~Copyable>(
    _ bytes: Span<UInt8>, to handler: inout Handler
  ) throws(MultipartFailure<Handler.Failure>) {
    if isInPreamble || bytes.isEmpty { return }
    try calling { () throws(Handler.Failure) in try handler.bodyReceived(bytes) }
  }

  private func calling<Failure: Error>(
    _ event: () throws(Failure) -> Void
  ) throws(MultipartFailure<Failure>) {
    do throws(Failure) { try event() } catch { throw .handler(error) }
  }
}
