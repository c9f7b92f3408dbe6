// Keys from a secret.

internal import COpenSSL

/// HKDF (RFC 5869) with SHA-256, from `secret` into all of `output`, at most 8,160 bytes.
///
/// The corresponding C function is `EVP_KDF_derive`; it fails only without memory, which ends the
/// process.
package func hkdfSHA256(
  secret: Span<UInt8>, salt: Span<UInt8>, info: Span<UInt8>,
  into output: inout MutableSpan<UInt8>
) {
  precondition(output.count <= 255 * 32, "HKDF-SHA-256 gives no more than 8,160 bytes")
  let context = KDFContext()
  let result = unsafe output.withUnsafeMutableBufferPointer { output in
    unsafe secret.withUnsafeBufferPointer { secret in
      unsafe salt.withUnsafeBufferPointer { salt in
        unsafe info.withUnsafeBufferPointer { info in
          unsafe copenssl_hkdf_sha256(
            context.handle, secret.baseAddress, secret.count, salt.baseAddress, salt.count,
            info.baseAddress, info.count, output.baseAddress, output.count)
        }
      }
    }
  }
  precondition(result == 1, "HKDF-SHA-256 cannot be computed")
}

@safe private struct KDFContext: ~Copyable {
  let handle: OpaquePointer

  init() {
    let algorithm = unsafe EVP_KDF_fetch(nil, OSSL_KDF_NAME_HKDF, nil)
    // The context holds a reference of its own.
    defer { unsafe EVP_KDF_free(algorithm) }
    guard let handle = unsafe EVP_KDF_CTX_new(algorithm) else {
      fatalError("this OpenSSL has no HKDF")
    }
    unsafe self.handle = unsafe handle
  }

  deinit { unsafe EVP_KDF_CTX_free(handle) }
}
