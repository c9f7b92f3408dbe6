// An input cut into pieces, as a network would.

/// The ways in which every input is cut: not at all, before each byte, and at places that depend
/// on all of it, so that each mutation is cut anew and a reproducer is cut as it was.
func cuttings(of input: Span<UInt8>) -> [[Range<Int>]] {
  let count = input.count
  var random = fnv1a(input)
  var pieces: [Range<Int>] = []
  var start = 0
  while start < count {
    random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    // Mostly short, now and then none at all.
    let length = Int(random >> 33) % (random >> 63 == 0 ? 8 : 64)
    pieces.append(start..<min(count, start + length))
    start += length
  }
  return [[0..<count], (0..<count).map { $0..<($0 + 1) }, pieces]
}

/// Fowler, Noll and Vo's hash.
private func fnv1a(_ bytes: Span<UInt8>) -> UInt64 {
  var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  for index in bytes.indices { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
  return hash
}

extension Array<UInt8> {
  init(copying bytes: Span<UInt8>) {
    self = unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
  }
}
