// How fast the multipart parser reads a body, beside glibc's memmem over the same bytes, and
// whether its work stays linear on bodies made to slow it down.

internal import CGNU
internal import Multipart
internal import SystemPackage

private let mebibyte = 1 << 20
private let pieceBytes = 8192
let browserBoundary = "----WebKitFormBoundaryq3Ws8TtJ1dRvXb5Z"

/// A handler that does nothing but count, so that only the parser is measured.
private struct ByteCounter: MultipartHandler {
  var bodyBytes = 0

  mutating func partBegan(_ headers: PartHeaders) {}
  mutating func bodyReceived(_ bytes: Span<UInt8>) throws(Never) { bodyBytes += bytes.count }
}

func multipartBenchmark() {
  randomBody()
  hostileBodies()
}

/// The bodies in these files, as scripts/bench --multipart has others parse them: for each the best
/// of 5, in GB/s of the parser and of memmem.
func parseFiles(_ paths: ArraySlice<String>) throws {
  for path in paths {
    let body = try contents(of: path)
    let parser = (0..<5).map { _ in parse(body, boundary: browserBoundary) }.min() ?? .zero
    let memmem = (0..<5).map { _ in search(body, boundary: browserBoundary) }.min() ?? .zero
    print(gigabytesPerSecond(body.count, parser), gigabytesPerSecond(body.count, memmem))
  }
}

private func contents(of path: String) throws -> [UInt8] {
  let file = try FileDescriptor.open(FilePath(path), .readOnly)
  defer { try? file.close() }
  let count = try Int(file.seek(offset: 0, from: .end))
  try file.seek(offset: 0, from: .start)
  var bytes = [UInt8](repeating: 0, count: count)
  let read = try unsafe bytes.withUnsafeMutableBytes { try unsafe file.read(into: $0) }
  precondition(read == count, "the file was not read at once")
  return bytes
}

private func gigabytesPerSecond(_ bytes: Int, _ time: Duration) -> Double {
  Double(bytes) / 1e9 / (time / .seconds(1))
}

private func randomBody() {
  print("multipart: 50 MiB of random bytes in pieces of \(pieceBytes), best of 15")
  let body = randomBytes(50 * mebibyte)
  let longest = String(repeating: "0123456789", count: 7)
  for boundary in [browserBoundary, "------------------------d74496d66958873e", longest, "xYzzY"] {
    var parser = Duration.seconds(1000)
    var memmem = Duration.seconds(1000)
    for _ in 0..<15 {
      parser = min(parser, parse(body, boundary: boundary))
      memmem = min(memmem, search(body, boundary: boundary))
    }
    print(
      "  boundary of \(boundary.utf8.count): parser \(speed(body.count, parser)),",
      "memmem \(speed(body.count, memmem)), ratio \(rounded(memmem / parser))")
  }
}

/// A multiple of 8 of them, the same each time.
func randomBytes(_ count: Int) -> [UInt8] {
  var generator = SplitMix64(state: 1)
  let words = (0..<count / 8).map { _ in generator.next() }
  return unsafe words.withUnsafeBytes { words in unsafe [UInt8](words) }
}

private func hostileBodies() {
  print("multipart: hostile bodies of 4, 8 and 16 MiB, and the growth of the time")
  let dashes = String(repeating: "-", count: 70)
  let near = "\r\n--" + browserBoundary.dropLast()
  let cases: [(name: String, boundary: String, pattern: String)] = [
    ("runs of CR", browserBoundary, "\r"),
    ("CR and a letter", browserBoundary, "\ra"),
    ("runs of CRLF", browserBoundary, "\r\n"),
    ("CRLF and dashes", browserBoundary, "\r\n--"),
    ("delimiter but for its last byte", browserBoundary, near),
    ("delimiter's last byte", browserBoundary, "Z"),
    ("dashes, boundary of dashes", dashes, "-"),
    ("dashes, boundary of dashes and x", dashes.dropLast() + "x", "-"),
    ("CRLF and 71 dashes, boundary of dashes", dashes, "\r\n" + dashes + "-"),
  ]
  for (name, boundary, pattern) in cases {
    let runs = [4, 8, 16].map { size in
      parse(repeating(pattern, to: size * mebibyte), boundary: boundary)
    }
    print(
      "  \(name): \(speed(16 * mebibyte, runs[2])),",
      "x\(rounded(runs[1] / runs[0])) x\(rounded(runs[2] / runs[1]))")
  }
}

/// Parses a message whose one part has `body`, and times the body alone.
func parse(_ body: [UInt8], boundary: String) -> Duration {
  let head = Array("--\(boundary)\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n.".utf8)
  let limits = MultipartLimits(maxParts: 1, maxHeaderBytes: 1000, maxHeaderLines: 10)
  var counter = ByteCounter()
  do {
    var parser = MultipartParser(
      boundary: try Boundary(Array(boundary.utf8).span), limits: limits)
    try parser.parse(head.span, into: &counter)
    let clock = ContinuousClock()
    let time = try clock.measure {
      var position = 0
      while position < body.count {
        let end = min(position + pieceBytes, body.count)
        try parser.parse(body.span.extracting(position..<end), into: &counter)
        position = end
      }
    }
    precondition(counter.bodyBytes + parser.heldBytes == body.count + 1)
    return time
  } catch {
    fatalError("the benchmark's message was refused: \(error)")
  }
}

private func search(_ body: [UInt8], boundary: String) -> Duration {
  let delimiter = Array("\r\n--\(boundary)".utf8)
  var found = 0
  let time = ContinuousClock().measure {
    unsafe body.withUnsafeBytes { body in
      unsafe delimiter.withUnsafeBytes { delimiter in
        var position = 0
        while position < body.count {
          let end = min(position + pieceBytes, body.count)
          let piece = unsafe UnsafeRawBufferPointer(rebasing: body[position..<end])
          found += unsafe Int(
            cgnu_finds(piece.baseAddress, piece.count, delimiter.baseAddress, delimiter.count))
          position = end
        }
      }
    }
  }
  precondition(found == 0)
  return time
}

private func repeating(_ pattern: String, to count: Int) -> [UInt8] {
  let unit = Array(pattern.utf8)
  return (0..<count).map { unit[$0 % unit.count] }
}

private func speed(_ bytes: Int, _ time: Duration) -> String {
  "\(rounded(Double(bytes) / 1e9 / (time / .seconds(1)))) GB/s"
}

private func rounded(_ value: Double) -> String {
  // Not `rounded()`, which would need libm.
  "\(Double(Int(value * 100 + 0.5)) / 100)"
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014): seeded, so that
/// each run has the same bytes.
private struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
