// Bounds on what a peer can make the parser keep, count and do.

import Multipart
import Testing

@Suite struct LimitTests {
  @Test("As many parts as the limit pass, one more does not")
  func parts() throws {
    let limits = MultipartLimits(maxParts: 3, maxHeaderBytes: 100, maxHeaderLines: 1)
    let message = String(repeating: part("a", "v"), count: 3)
    #expect(try parse(message + "--b--", limits: limits).error == nil)
    let outcome = try parse(message + part("c", "v") + "--b--", limits: limits)
    #expect(outcome.error == .tooManyParts(limit: 3))
    #expect(outcome.names == ["a", "a", "a"])
  }

  @Test("As many header lines as the limit pass in each part, one more does not")
  func headerLines() throws {
    let limits = MultipartLimits(maxParts: 2, maxHeaderBytes: 1000, maxHeaderLines: 3)
    let head = "--b\r\nX:\r\nY:\r\nContent-Disposition: form-data; name=a\r\n"
    #expect(try parse(head + "\r\n\r\n" + head + "\r\n\r\n--b--", limits: limits).error == nil)
    let outcome = try parse(head + "Z:\r\n\r\n\r\n--b--", limits: limits)
    #expect(outcome.error == .tooManyHeaderLines(limit: 3))
  }

  @Test("As many header bytes as the limit pass in each part, one more does not")
  func headerBytes() throws {
    let lines = "Content-Disposition: form-data; name=a\r\nX: y\r\n"
    let message = "--b\r\n\(lines)\r\n\r\n--b\r\n\(lines)\r\n\r\n--b--"
    let count = lines.utf8.count
    let tooLarge = MultipartError.headersTooLarge(limit: count - 1)
    for (limit, error) in [(count, nil), (count - 1, tooLarge)] {
      let limits = MultipartLimits(maxParts: 2, maxHeaderBytes: limit, maxHeaderLines: 100)
      let bytes = Array(message.utf8)
      #expect(try parse(bytes, limits: limits).error == error)
      #expect(try parse(bytes, cutAt: Array(0..<bytes.count), limits: limits).error == error)
    }
  }

  @Test("A header line without end is refused at the limit and kept no longer than that")
  func endlessHeader() throws {
    let limits = MultipartLimits(maxParts: 1, maxHeaderBytes: 1000, maxHeaderLines: 100)
    var parser = MultipartParser(boundary: try boundary("b"), limits: limits)
    var recorder = Recorder()
    try parser.parse(Array("--b\r\n".utf8).span, into: &recorder)
    try parser.parse([UInt8](repeating: 0x61, count: 1000).span, into: &recorder)
    #expect(parser.heldBytes == 1000)
    let outcome = try parse("--b\r\n" + String(repeating: "a", count: 1001), limits: limits)
    #expect(outcome.error == .headersTooLarge(limit: 1000))
  }

  @Test(
    "Of a body no more is held back than the delimiter may need",
    arguments: ["\r", "\r\n", "\r\n--", "\r\n--boundar", "-", "\r\r\n--", "y"])
  func heldBytes(pattern: String) throws {
    var parser = try bodyParser()
    var recorder = Recorder()
    let unit = Array(pattern.utf8)
    let body = (0..<5000).map { unit[$0 % unit.count] }
    var fed = 0
    while fed < body.count {
      let end = min(fed + 1 + fed % 7, body.count)
      try parser.parse(body.span.extracting(fed..<end), into: &recorder)
      fed = end
      #expect(parser.heldBytes <= "\r\n--boundar".utf8.count)
      #expect(recorder.bodyBytes + parser.heldBytes == fed)
    }
  }

  @Test(
    "The work is linear in the bytes, whatever they are and however they are cut",
    arguments: [
      "\r", "\r\n", "\ra", "\r\r-", "\r\n--", "\r\n--boundar", "\r\n--bound", "-", "y", "\n", "a",
    ], [1, 3, 64, 100, 8192])
  func work(pattern: String, pieceBytes: Int) throws {
    let unit = Array(pattern.utf8)
    let steps = try [20_000, 40_000, 80_000].map { count in
      var parser = try bodyParser()
      var handler = Ignorer()
      let before = parser.steps
      let body = (0..<count).map { unit[$0 % unit.count] }
      for start in stride(from: 0, to: count, by: pieceBytes) {
        let end = min(start + pieceBytes, count)
        try parser.parse(body.span.extracting(start..<end), into: &handler)
      }
      return parser.steps - before
    }
    // At most: once in a block, once as a beginning, once in comparing, once more in a new piece.
    #expect(steps[0] <= 4 * 20_000)
    #expect(abs(steps[1] - 2 * steps[0]) <= 500)
    #expect(abs(steps[2] - 4 * steps[0]) <= 1500)
  }

  /// A parser that has just begun a part, with the boundary `boundary`.
  private func bodyParser() throws -> MultipartParser {
    var parser = MultipartParser(boundary: try boundary("boundary"), limits: roomyLimits)
    var handler = Ignorer()
    let head = "--boundary\r\nContent-Disposition: form-data; name=a\r\n\r\n"
    try parser.parse(Array(head.utf8).span, into: &handler)
    return parser
  }
}

private struct Ignorer: MultipartHandler {
  mutating func partBegan(_ headers: PartHeaders) {}
  mutating func bodyReceived(_ bytes: Span<UInt8>) {}
}
