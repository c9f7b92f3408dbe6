// What is left of a secret in the process's memory.

import FoundationEssentials
import Glibc
import R2Sign
import Testing

@Suite struct `A secret access key` {
  // The lengths meet blocks of different sizes: what lay in one may have been overwritten since.
  @Test(arguments: [16, 40, 72, 80, 96, 118])
  func `leaves no copy in memory once it is let go`(count: Int) throws {
    let text = String((0..<count).map { _ in "abcdefghijklmnopqrstuvwxyz".randomElement() ?? "a" })
    do {
      let secret = try #require(SecretAccessKey(text))
      let scope = CredentialScope(Timestamp(secondsSinceEpoch: 0), region: .auto)
      #expect(SigningKey(secret, scope: scope).signature(of: "text").utf8.count == 64)
      #expect(try isInMemory("AWS4", text), "the search must find what is there")
    }
    #expect(try !isInMemory("AWS4", text))
  }

  /// Whether `prefix` and `secret` stand together in memory that can be written. The two are
  /// compared one after the other, so that the search itself does not join them.
  private func isInMemory(_ prefix: String, _ secret: String) throws -> Bool {
    let memory = unsafe open("/proc/self/mem", O_RDONLY | O_CLOEXEC)
    try #require(memory >= 0)
    defer { close(memory) }
    let maps = try String(
      decoding: Data(contentsOf: URL(filePath: "/proc/self/maps")), as: UTF8.self)
    var isFound = false
    for line in maps.split(separator: "\n") where line.contains(" rw-p ") {
      let ends = line.prefix { $0 != " " }.split(separator: "-").compactMap { Int($0, radix: 16) }
      try #require(ends.count == 2)
      let found = search(
        Array(prefix.utf8), Array(secret.utf8), addresses: ends[0]..<ends[1], of: memory)
      isFound = isFound || found
    }
    return isFound
  }

  private func search(
    _ prefix: [UInt8], _ secret: [UInt8], addresses: Range<Int>, of memory: Int32
  ) -> Bool {
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    // What was found must not be found again in here.
    defer { for index in piece.indices { piece[index] = 0 } }
    let wanted = prefix.count + secret.count
    var isFound = false
    for start in stride(
      from: addresses.lowerBound, to: addresses.upperBound, by: piece.count - wanted)
    {
      let length = unsafe pread(memory, &piece, piece.count, start)
      // Nothing, where the memory has been given back since.
      if length < wanted { continue }
      var index = 0
      while index + wanted <= length {
        // A search by Swift, in a debug build, would take minutes.
        let skipped: Int? = unsafe piece.withUnsafeBytes { bytes in
          guard let first = unsafe bytes.baseAddress.map({ unsafe $0 + index }),
            let hit = unsafe memchr(first, Int32(prefix[0]), length - wanted - index + 1)
          else { return nil }
          return unsafe UnsafeRawPointer(hit) - first
        }
        guard let skipped else { break }
        index += skipped
        if piece[index...].starts(with: prefix),
          piece[(index + prefix.count)...].starts(with: secret)
        {
          isFound = true
        }
        index += 1
      }
    }
    return isFound
  }
}
