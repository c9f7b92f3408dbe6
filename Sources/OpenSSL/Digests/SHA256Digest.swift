// The value that SHA-256 and HMAC-SHA-256 give.

internal import HTTPSyntax

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
