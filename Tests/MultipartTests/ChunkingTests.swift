// How a message is cut says nothing.

import Multipart
import Testing

@Suite struct ChunkingTests {
  @Test(
    "Every cut of a message gives what the whole gives",
    arguments: acceptedCases + completableCases + refusedCases)
  func everyCut(_ item: Case) throws {
    let message = Array(item.message.utf8)
    let whole = try parse(message)
    for cut in 0...message.count {
      #expect(try parse(message, cutAt: [cut]) == whole, "cut at \(cut)")
    }
    #expect(try parse(message, cutAt: Array(0..<message.count)) == whole)
    var generator = SplitMix64(state: 7)
    for round in 0..<20 {
      let cuts = (0..<5).map { _ in Int.random(in: 0...message.count, using: &generator) }.sorted()
      #expect(try parse(message, cutAt: cuts) == whole, "round \(round): \(cuts)")
    }
  }

  @Test("A message that ends early is refused wherever it ends", arguments: acceptedCases)
  func truncation(_ item: Case) throws {
    let message = Array(item.message.utf8)
    let text = String(decoding: message, as: UTF8.self)
    guard let close = lastIndex(of: "--b--", inBytesOf: text) else { return }
    for count in 0..<close + 5 {
      let outcome = try parse(Array(message.prefix(count)))
      let isPreamble = outcome.events.isEmpty && outcome.error == .missingBoundary
      #expect(isPreamble || outcome.error == .missingFinalBoundary, "the first \(count) bytes")
    }
  }

  /// Where the line that ends the message begins, its epilogue left out.
  private func lastIndex(of needle: String, inBytesOf text: String) -> Int? {
    let bytes = Array(text.utf8)
    let needle = Array(needle.utf8)
    return bytes.indices.dropLast(needle.count - 1).first { index in
      let isLineStart = index == 0 || bytes[..<index].suffix(2).elementsEqual("\r\n".utf8)
      let after = bytes[(index + needle.count)...].first
      return isLineStart && bytes[index...].starts(with: needle)
        && (bytes[..<index].count > 0 || after == nil || [0x0D, 0x20, 0x09].contains(after))
    }
  }

  @Test("Bodies of a small alphabet come out as they went in", arguments: 0..<200)
  func randomBodies(seed: Int) throws {
    var generator = SplitMix64(state: UInt64(seed))
    let alphabet = Array("\r\r\n\n---bx".utf8)
    let bodies = (0..<3).map { _ in
      // No line of a body may begin with the delimiter: an `x` takes the place of its `b`.
      var body: [UInt8] = []
      for _ in 0..<Int.random(in: 0..<150, using: &generator) {
        let byte = alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
        let completes =
          byte == 0x62 && (body.suffix(4).elementsEqual("\r\n--".utf8) || body == Array("--".utf8))
        body.append(completes ? 0x78 : byte)
      }
      return body
    }
    var message = Array("--b\r\n".utf8)
    for (index, body) in bodies.enumerated() {
      message += Array("Content-Disposition: form-data; name=p\(index)\r\n\r\n".utf8)
      message += body + Array("\r\n--b\(index == 2 ? "--" : "")\r\n".utf8)
    }
    let cuts = (0..<6).map { _ in Int.random(in: 0...message.count, using: &generator) }.sorted()
    let outcome = try parse(message, cutAt: cuts)
    #expect(outcome.error == nil)
    #expect(outcome.bodies.map { Array($0.utf8) } == bodies.filter { !$0.isEmpty })
  }
}
