// Random bytes fit for ids that nobody may guess.

internal import COpenSSL

/// Bytes from OpenSSL's cryptographic generator.
package enum RandomBytes {
  /// `count` fresh bytes, as many as the result's type says.
  ///
  /// - Throws: `.library` when the system has no randomness to give.
  /// The corresponding C function is `RAND_bytes`.
  package static func make<let count: Int>() throws(OpenSSLError) -> InlineArray<count, UInt8> {
    var bytes = InlineArray<count, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    ERR_clear_error()
    let result = unsafe span.withUnsafeMutableBufferPointer { bytes in
      unsafe RAND_bytes(bytes.baseAddress, CInt(bytes.count))
    }
    guard result == 1 else { throw .library(.last()) }
    return bytes
  }
}
