// The value that SHA-256 and HMAC-SHA-256 give.

/// A SHA-256 digest: 32 bytes.
package struct SHA256Digest: Sendable, Equatable {
  package let bytes: InlineArray<32, UInt8>

  package init(bytes: InlineArray<32, UInt8>) { self.bytes = bytes }

  /// 64 hexadecimal digits in lower case.
  package var hex: String { hexadecimal(bytes.span) }

  package static func == (left: SHA256Digest, right: SHA256Digest) -> Bool {
    left.bytes.indices.allSatisfy { left.bytes[$0] == right.bytes[$0] }
  }
}

/// Two hexadecimal digits in lower case for each of `bytes`.
package func hexadecimal(_ bytes: Span<UInt8>) -> String {
  unsafe String(unsafeUninitializedCapacity: bytes.count * 2) { text in
    for index in bytes.indices {
      unsafe text[2 * index] = hexadecimalDigit(bytes[index] >> 4)
      unsafe text[2 * index + 1] = hexadecimalDigit(bytes[index] & 15)
    }
    return bytes.count * 2
  }
}

private func hexadecimalDigit(_ value: UInt8) -> UInt8 {
  value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}
