// The example of Multipart.docc, compiled: whoever changes one changes the other.

import Multipart
import Testing

private struct BodySizes: MultipartHandler {
  var counts: [Int] = []
  mutating func partBegan(_ headers: PartHeaders) { counts.append(0) }
  mutating func bodyReceived(_ bytes: Span<UInt8>) { counts[counts.count - 1] += bytes.count }
}

@Suite struct ExampleTests {
  @Test("The documented example counts the bytes of each part")
  func example() throws {
    let contentType = Array("multipart/form-data; boundary=b".utf8)
    var input = [part("a", "four"), part("c", "") + "--b--"].map { Array($0.utf8) }
      .makeIterator()

    let boundary = try Boundary(contentType: contentType.span)
    var parser = MultipartParser(
      boundary: boundary,
      limits: MultipartLimits(maxParts: 1000, maxHeaderBytes: 16384, maxHeaderLines: 100))
    var sizes = BodySizes()
    while let piece = input.next() {
      try parser.parse(piece.span, into: &sizes)
    }
    try parser.finish(into: &sizes)
    #expect(sizes.counts == [4, 0])
  }

  @Test("A handler can be tested without a parser")
  func handler() {
    var sizes = BodySizes()
    sizes.partBegan(
      PartHeaders(nameBytes: Array("audio".utf8), filenameBytes: Array("x.webm".utf8)))
    sizes.bodyReceived([1, 2, 3].span)
    sizes.partEnded()
    sizes.messageEnded()
    #expect(sizes.counts == [3])
  }
}
