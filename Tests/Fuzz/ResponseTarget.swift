// An HTTP answer.

import Gateway
internal import HTTPClient

private let maxHeadBytes = 300

/// The outcome is the same however the answer is cut, and a body is as long as it was announced.
@Sendable func fuzzResponse(_ input: Span<UInt8>) {
  for isHead in [false, true] {
    let outcomes = cuttings(of: input).map { read(input, isHead, cut: $0) }
    expectEqual(outcomes, "the outcome depends on the cuts")
    let first = outcomes[0]
    guard let head = first.head, first.hasEnded else { continue }
    expect(100...599 ~= head.status)
    if isHead || head.status == 204 || head.status == 304 {
      expect(first.body.isEmpty, "a body where none can be")
    } else if let length = head.contentLength {
      expect(first.body.count == length && !head.isChunked)
    }
  }
}

private struct Outcome: Equatable {
  var head: ResponseHead?
  var body: [UInt8] = []
  var used = 0
  var hasEnded = false
  var keepsConnection = false
  var error: ResponseError?
}

private func read(
  _ input: Span<UInt8>, _ isHead: Bool, cut pieces: [Range<Int>]
) -> Outcome {
  var parser = ResponseParser(isHead: isHead, maxHeadBytes: maxHeadBytes)
  var outcome = Outcome()
  do throws(ResponseError) {
    for piece in pieces where !outcome.hasEnded {
      try read(input.extracting(piece), &parser, into: &outcome)
    }
    expect(parser.hasBegun == !input.isEmpty)
    if !outcome.hasEnded { try parser.finish() }
    outcome.hasEnded = true
    outcome.keepsConnection = parser.keepsConnection
  } catch {
    outcome.error = error
  }
  return outcome
}

private func read(
  _ piece: Span<UInt8>, _ parser: inout ResponseParser, into outcome: inout Outcome
) throws(ResponseError) {
  var position = 0
  defer { outcome.used += position }
  while true {
    let start = position
    switch try parser.next(in: piece, at: &position) {
    case .needsInput:
      expect(position == piece.count, "more is asked for while there is some")
      return
    case .head(let head):
      expect(outcome.head == nil, "a second head")
      outcome.head = head
    case .body(let range):
      expect(range.lowerBound >= start && range.upperBound == position && !range.isEmpty)
      outcome.body += Array(copying: piece.extracting(range))
    case .end:
      outcome.hasEnded = true
      return
    }
  }
}
