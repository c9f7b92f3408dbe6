// Comparing what nobody may guess byte by byte.

internal import COpenSSL

/// Whether the bytes are the same, in a time that depends on their number alone.
/// The corresponding C function is `CRYPTO_memcmp`.
package func equalInConstantTime(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
  guard left.count == right.count else { return false }
  return unsafe left.withUnsafeBytes { left in
    unsafe right.withUnsafeBytes { right in
      unsafe CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0
    }
  }
}
