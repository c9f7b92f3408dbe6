// A multipart message: a line with its Content-Type, then the body.

internal import Multipart

/// Small, so that inputs reach them.
private let limits = MultipartLimits(maxParts: 8, maxHeaderBytes: 200, maxHeaderLines: 5)

/// The events are the same however the message is cut, what is held back is bounded, the work is
/// linear, and no body has the delimiter in it.
@Sendable func fuzzMultipart(_ input: Span<UInt8>) {
  let lineEnd = input.indices.first { input[$0] == UInt8(ascii: "\n") } ?? 0
  let body = input.extracting(min(input.count, lineEnd + 1)...)
  // Most mutations break the line; they are not lost on the body.
  let boundary = boundary(input.extracting(..<lineEnd)) ?? boundary([0x62].span)
  guard let boundary else { fatalError("b is a boundary") }
  expectEqual(
    cuttings(of: body).map { outcome(of: body, boundary, cut: $0) },
    "the outcome depends on the cuts")
}

private func boundary(_ text: Span<UInt8>) -> Boundary? {
  (try? Boundary(contentType: text)) ?? (try? Boundary(text))
}

private func outcome(
  of body: Span<UInt8>, _ boundary: Boundary, cut pieces: [Range<Int>]
) -> Recorder {
  var parser = MultipartParser(boundary: boundary, limits: limits)
  var recorder = Recorder()
  do throws(MultipartFailure<Never>) {
    // Each byte is looked at thrice at most, and each search looks at up to a block for nothing. A
    // search begins with a piece or after a delimiter.
    let searches = pieces.count + 1 + body.count / (boundary.bytes.count + 5)
    for piece in pieces {
      try parser.parse(body.extracting(piece), into: &recorder)
      expect(parser.steps <= 3 * body.count + 64 * searches, "\(parser.steps) steps")
      expect(parser.heldBytes <= max(boundary.bytes.count + 4, limits.maxHeaderBytes))
    }
    try parser.finish(into: &recorder)
    expect(recorder.hasEnded, "a complete message without its last event")
  } catch {
    guard case .malformed(let reason) = error else { fatalError("nothing was refused") }
    recorder.error = reason
  }
  let delimiter = Array("\r\n--".utf8) + boundary.bytes
  for body in recorder.bodies {
    expect(!body.contains(delimiter), "a body has the delimiter in it")
  }
  return recorder
}

extension Array<UInt8> {
  fileprivate func contains(_ pattern: [UInt8]) -> Bool {
    guard count >= pattern.count else { return false }
    return (0...(count - pattern.count)).contains { self[$0...].starts(with: pattern) }
  }
}

/// Writes down what it is told, bodies joined, and sees to the order of events.
private struct Recorder: MultipartHandler, Equatable {
  var parts: [PartHeaders] = []
  var bodies: [[UInt8]] = []
  var isInPart = false
  var hasEnded = false
  var error: MultipartError?

  mutating func partBegan(_ headers: PartHeaders) throws(Never) {
    expect(!isInPart && !hasEnded && parts.count < limits.maxParts)
    isInPart = true
    parts.append(headers)
    bodies.append([])
  }

  mutating func bodyReceived(_ bytes: Span<UInt8>) throws(Never) {
    expect(isInPart && !bytes.isEmpty)
    bodies[bodies.count - 1] += Array(copying: bytes)
  }

  mutating func partEnded() throws(Never) {
    expect(isInPart)
    isInPart = false
  }

  mutating func messageEnded() throws(Never) {
    expect(!isInPart && !hasEnded)
    hasEnded = true
  }
}
