// One request and its response, on a connection that is leased for them.

internal import OpenSSL
package import POSIX
internal import SystemPackage

/// A lease of a connection: sends one request and reads its response, all within a deadline, in one
/// buffer.
///
/// `end` gives the connection back if it can take another request. A lease that is dropped, by an
/// error above all, closes it.
package struct HTTPExchange: ~Copyable {
  private let connection: HTTPConnection
  private let kept: KeptConnections
  private var deadline: Deadline
  /// What the body of the response may take, where not only the whole is limited.
  private var bodyLimits: BodyLimits?
  /// How long the body was waited for so far, and how much of it has come.
  private var waited: Duration = .zero
  private var receivedBytes = 0
  private var parser: ResponseParser
  private var buffer: [UInt8]
  /// What of the buffer is answer, not parsed yet.
  private var filled = 0
  private var position = 0
  /// Where the piece of the body that came last stands in the buffer.
  private var piece = 0..<0
  /// The request was sent whole.
  private var isSent = false
  private var isComplete = false

  init(
    on connection: HTTPConnection, of kept: KeptConnections, isHead: Bool, bufferBytes: Int,
    until deadline: Deadline
  ) {
    self.connection = connection
    self.kept = kept
    self.deadline = deadline
    parser = ResponseParser(isHead: isHead)
    buffer = [UInt8](repeating: 0, count: bufferBytes)
  }

  /// Ends the lease: the connection is kept if the request was sent whole and the response read to
  /// its end, and closed otherwise.
  package consuming func end() {
    if isSent && isComplete && position == filled && parser.keepsConnection {
      kept.give(connection)
    }
  }

  /// Sends a request without a body.
  package mutating func send(_ head: [UInt8]) throws(HTTPError) {
    do throws(OpenSSLError) {
      isSent = try connection.write(head.span, until: deadline) == .written
    } catch {
      try requireResponse(after: error)
    }
  }

  /// Sends a request whose body is `byteCount` bytes of `file` from its start.
  ///
  /// Stops as soon as the server answers: it does not want the rest, and may have closed already.
  package mutating func send(
    _ head: [UInt8], file: borrowing OwnedDescriptor, byteCount: Int
  ) throws(HTTPError) {
    precondition(head.count < buffer.count, "a request's head that fills the whole buffer")
    // The head goes out with the first bytes of the body, in one record.
    var pending = head.count
    for index in head.indices { buffer[index] = head[index] }
    var offset = 0
    while pending > 0 || offset < byteCount {
      let end = min(buffer.count, pending + byteCount - offset)
      offset += try fill(pending..<end, from: file, at: offset)
      do throws(OpenSSLError) {
        let result = try connection.write(buffer.span.extracting(..<end), until: deadline)
        if result == .answered || (offset < byteCount && connection.hasResponse()) { return }
        kept.count(movedBytes: end)
      } catch {
        return try requireResponse(after: error)
      }
      pending = 0
    }
    isSent = true
  }

  /// Reads the file's bytes from `offset` into all of `range` of the buffer.
  private mutating func fill(
    _ range: Range<Int>, from file: borrowing OwnedDescriptor, at offset: Int
  ) throws(HTTPError) -> Int {
    var start = range.lowerBound
    while start < range.upperBound {
      let count: Int
      do throws(Errno) {
        let position = offset + start - range.lowerBound
        var bytes = buffer.mutableSpan
        count = try unsafe bytes.withUnsafeMutableBytes { (bytes) throws(Errno) -> Int in
          let free = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[start..<range.upperBound])
          return try unsafe file.read(at: position, into: free)
        }
      } catch {
        throw .file(error)
      }
      guard count > 0 else { throw .fileTooShort }
      start += count
    }
    return range.count
  }

  /// After a failed write the response may be there all the same: a server that refuses early
  /// closes while we send.
  private func requireResponse(after error: OpenSSLError) throws(HTTPError) {
    switch error {
    case .timedOut: throw .timedOut
    default: if !connection.hasResponse() { throw .connectionLost(error) }
    }
  }

  /// The response's head.
  package mutating func receiveHead() throws(HTTPError) -> ResponseHead {
    while true {
      switch try nextEvent() {
      case .head(let head):
        if (200..<300).contains(head.status) && !isSent { throw .answeredEarly }
        return head
      case .needsInput: try receive()
      // The parser gives the head first.
      case .body, .end: throw .garbled(.badHeader)
      }
    }
  }

  /// Gives the rest of the response times of its own.
  package mutating func limitBody(to limits: BodyLimits) {
    deadline = .after(limits.whole)
    bodyLimits = limits
  }

  /// Waits for the next piece of the response's body, which `withBody` then lends.
  ///
  /// - Parameter isAbandoned: asked about once a second while nothing comes: whether nobody wants
  ///   the body any more.
  /// - Returns: false at the response's end.
  package mutating func receiveBody(
    unless isAbandoned: () -> Bool = { false }
  ) throws(HTTPError) -> Bool {
    while true {
      switch try nextEvent() {
      case .body(let range):
        piece = range
        receivedBytes += range.count
        kept.count(movedBytes: range.count)
        return true
      case .needsInput: try receive(unless: isAbandoned)
      case .end:
        isComplete = true
        return false
      case .head: throw .garbled(.badHeader)
      }
    }
  }

  /// Lends the piece of the body that came last.
  package func withBody<Value: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    try body(buffer.span.extracting(piece))
  }

  /// The status alone. A body of some length is skipped, so that the connection can be used again.
  mutating func receiveStatus() throws(HTTPError) -> Int {
    let head = try receiveHead()
    var room = 16 * 1024
    do throws(HTTPError) {
      while room >= 0, try receiveBody() { room -= withBody { $0.count } }
    } catch {
      // The status is enough; the connection is not kept.
    }
    return head.status
  }

  private mutating func nextEvent() throws(HTTPError) -> ResponseParser.Event {
    // A span borrows all of what it is a part of, and the parser is to change meanwhile.
    var buffer: [UInt8] = []
    swap(&buffer, &self.buffer)
    defer { swap(&buffer, &self.buffer) }
    do throws(ResponseError) {
      return try parser.next(in: buffer.span.extracting(..<filled), at: &position)
    } catch {
      throw .garbled(error)
    }
  }

  /// By when the next bytes have to be there. A body that drips is no more patiently waited for
  /// than one that has stopped: all the waits together may take what its bytes are worth.
  private var nextDeadline: Deadline {
    guard let bodyLimits else { return deadline }
    let earned = Duration.seconds(receivedBytes) / bodyLimits.minBytesPerSecond
    return min(deadline, .after(bodyLimits.idleTimeout + earned - waited))
  }

  /// How long one wait lasts before it is asked whether anybody still wants the body.
  private static let slice: Duration = .seconds(1)

  private mutating func receive(unless isAbandoned: () -> Bool = { false }) throws(HTTPError) {
    let connection = connection
    let deadline = nextDeadline
    let start = ContinuousClock.now
    defer { waited += start.duration(to: .now) }
    position = 0
    filled = 0
    while true {
      do throws(OpenSSLError) {
        var free = buffer.mutableSpan
        let count = try connection.read(
          into: &free, until: min(deadline, .after(HTTPExchange.slice)))
        filled = count
        break
      } catch {
        switch error {
        case .timedOut where deadline.hasPassed: throw .timedOut
        case .timedOut where isAbandoned(): throw .abandoned
        case .timedOut: continue
        default: throw parser.hasBegun ? .responseLost(error) : .connectionLost(error)
        }
      }
    }
    guard filled == 0 else { return }
    guard parser.hasBegun else { throw .connectionLost(.closedUnexpectedly) }
    do throws(ResponseError) {
      try parser.finish()
    } catch {
      throw .garbled(error)
    }
  }
}
