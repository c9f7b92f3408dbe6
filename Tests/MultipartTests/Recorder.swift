// A handler that writes down what it is told, and ways to feed a parser.

import Multipart

enum Event: Equatable, Sendable {
  case part(PartHeaders)
  case body([UInt8])
  case partEnded
  case messageEnded
}

/// How a parse ended and what was told until then, adjacent body events joined.
struct Outcome: Equatable, Sendable {
  var events: [Event]
  var error: MultipartError?

  var names: [String] {
    parts.map { String(decoding: $0.nameBytes, as: UTF8.self) }
  }

  var parts: [PartHeaders] {
    events.compactMap { event in if case .part(let headers) = event { headers } else { nil } }
  }

  var bodies: [String] {
    events.compactMap { event in
      if case .body(let bytes) = event { String(decoding: bytes, as: UTF8.self) } else { nil }
    }
  }
}

struct Recorder: MultipartHandler, ~Copyable {
  var events: [Event] = []
  var bodyBytes = 0

  mutating func partBegan(_ headers: PartHeaders) throws(Never) {
    events.append(.part(headers))
  }

  mutating func bodyReceived(_ bytes: Span<UInt8>) throws(Never) {
    precondition(!bytes.isEmpty, "an empty body event")
    bodyBytes += bytes.count
    var body: [UInt8] = []
    if case .body(let before) = events.last {
      body = before
      events.removeLast()
    }
    for index in bytes.indices { body.append(bytes[index]) }
    events.append(.body(body))
  }

  mutating func partEnded() throws(Never) { events.append(.partEnded) }
  mutating func messageEnded() throws(Never) { events.append(.messageEnded) }
}

let roomyLimits = MultipartLimits(maxParts: 1000, maxHeaderBytes: 16384, maxHeaderLines: 100)

func boundary(_ text: String) throws -> Boundary {
  try Boundary(Array(text.utf8).span)
}

/// Parses `message`, cut before each index in `cuts`, which ascend.
func parse(
  _ message: [UInt8], boundary text: String = "b", cutAt cuts: [Int] = [],
  limits: MultipartLimits = roomyLimits
) throws -> Outcome {
  var parser = MultipartParser(boundary: try boundary(text), limits: limits)
  var recorder = Recorder()
  do throws(MultipartFailure<Never>) {
    var start = 0
    for end in cuts + [message.count] {
      try parser.parse(message.span.extracting(start..<end), into: &recorder)
      start = end
    }
    try parser.finish(into: &recorder)
  } catch {
    guard case .malformed(let reason) = error else { throw error }
    return Outcome(events: recorder.events, error: reason)
  }
  return Outcome(events: recorder.events, error: nil)
}

func parse(
  _ message: String, boundary: String = "b", limits: MultipartLimits = roomyLimits
) throws -> Outcome {
  try parse(Array(message.utf8), boundary: boundary, limits: limits)
}

/// A part called `name` with `body`, preceded by its boundary line.
func part(_ name: String, _ body: String, boundary: String = "b") -> String {
  "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(body)\r\n"
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014): the same
/// numbers in each run.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
