// HMAC with SHA-256 and with SHA-512.

internal import COpenSSL
internal import Synchronization

/// The HMAC-SHA-256 (RFC 2104) of `message` under `key`, which may have any length.
///
/// The corresponding C functions are `EVP_MAC_init`, `EVP_MAC_update` and `EVP_MAC_final`; they
/// fail only without memory, which ends the process.
package func hmacSHA256(key: Span<UInt8>, message: Span<UInt8>) -> SHA256Digest {
  var bytes = InlineArray<32, UInt8>(repeating: 0)
  var output = bytes.mutableSpan
  hmacSHA256(key: key, message: message, into: &output)
  return SHA256Digest(bytes: bytes)
}

/// The same, written into the 32 bytes of `output` and nowhere else, for what is wiped later: a
/// value that is returned leaves copies on the stack.
package func hmacSHA256(
  key: Span<UInt8>, message: Span<UInt8>, into output: inout MutableSpan<UInt8>
) {
  precondition(output.count == 32, "an HMAC-SHA-256 has 32 bytes")
  hmac(MACContext(copying: sha256), key: key, message: message, into: &output)
}

/// The HMAC-SHA-512 of `message` under `key`, written into the 64 bytes of `output`.
package func hmacSHA512(
  key: Span<UInt8>, message: Span<UInt8>, into output: inout MutableSpan<UInt8>
) {
  precondition(output.count == 64, "an HMAC-SHA-512 has 64 bytes")
  hmac(MACContext(copying: sha512), key: key, message: message, into: &output)
}

private func hmac(
  _ context: consuming MACContext, key: Span<UInt8>, message: Span<UInt8>,
  into output: inout MutableSpan<UInt8>
) {
  let started = unsafe key.withUnsafeBufferPointer { key in
    // OpenSSL takes a nil key for "as before", so an empty one still needs an address.
    var empty: UInt8 = 0
    return unsafe withUnsafePointer(to: &empty) { empty in
      unsafe EVP_MAC_init(context.handle, key.baseAddress ?? empty, key.count, nil)
    }
  }
  let updated = unsafe message.withUnsafeBufferPointer { message in
    unsafe EVP_MAC_update(context.handle, message.baseAddress, message.count)
  }
  let ended = unsafe output.withUnsafeMutableBufferPointer { output in
    unsafe EVP_MAC_final(context.handle, output.baseAddress, nil, output.count)
  }
  precondition(started == 1 && updated == 1 && ended == 1, "HMAC cannot be computed")
}

/// Contexts that know HMAC and a digest, copied for each computation: the names are searched for
/// once only.
private let sha256 = Mutex(MACContext(digest: "SHA256"))
private let sha512 = Mutex(MACContext(digest: "SHA512"))

@safe private struct MACContext: ~Copyable {
  let handle: OpaquePointer

  init(digest: String) {
    let algorithm = unsafe EVP_MAC_fetch(nil, OSSL_MAC_NAME_HMAC, nil)
    // The context holds a reference of its own.
    defer { unsafe EVP_MAC_free(algorithm) }
    guard let handle = unsafe EVP_MAC_CTX_new(algorithm) else {
      fatalError("this OpenSSL has no HMAC")
    }
    unsafe self.handle = unsafe handle
    // A key, whatever it is, because OpenSSL 3.0 copies no context that was never started.
    let result = unsafe copenssl_hmac_init(handle, digest, [0], 1)
    precondition(result == 1, "this OpenSSL has no HMAC-\(digest)")
  }

  init(copying original: borrowing Mutex<MACContext>) {
    unsafe handle = unsafe original.withLock { original in
      guard let copy = unsafe EVP_MAC_CTX_dup(original.handle) else {
        fatalError("no memory for HMAC")
      }
      return unsafe copy
    }
  }

  deinit { unsafe EVP_MAC_CTX_free(handle) }
}
