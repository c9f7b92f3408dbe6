// SHA-256 over data that comes in pieces.

internal import COpenSSL
internal import Synchronization

/// A SHA-256 computation (FIPS 180-4) over bytes given piece by piece.
///
/// The corresponding C functions are `EVP_DigestInit_ex`, `EVP_DigestUpdate` and
/// `EVP_DigestFinal_ex`. They fail only without memory, which ends the process, as it does
/// everywhere in Swift.
@safe package struct SHA256: ~Copyable {
  private let context: OpaquePointer

  package init() {
    unsafe context = algorithm.withLock { algorithm in
      let context = unsafe EVP_MD_CTX_new()
      guard let context = unsafe context,
        unsafe EVP_DigestInit_ex(context, algorithm.handle, nil) == 1
      else { fatalError("no memory for SHA-256") }
      return unsafe context
    }
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  /// Adds `bytes` to what is hashed.
  package mutating func update(_ bytes: Span<UInt8>) {
    let result = unsafe bytes.withUnsafeBytes { bytes in
      unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }
    precondition(result == 1, "SHA-256 cannot go on")
  }

  /// Ends the computation.
  package consuming func finalize() -> SHA256Digest {
    var bytes = InlineArray<32, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    let result = unsafe span.withUnsafeMutableBufferPointer { bytes in
      unsafe EVP_DigestFinal_ex(context, bytes.baseAddress, nil)
    }
    precondition(result == 1, "SHA-256 cannot end")
    return SHA256Digest(bytes: bytes)
  }

  /// The digest of `bytes` alone.
  package static func hash(_ bytes: Span<UInt8>) -> SHA256Digest {
    var computation = SHA256()
    computation.update(bytes)
    return computation.finalize()
  }
}

/// SHA-256's implementation, fetched once: a search by name per digest costs more than a short
/// digest itself, and more still when threads compete for it (openssl issue 16878). The lock is
/// held only while a context takes it over.
private let algorithm = Mutex(Algorithm())

@safe private struct Algorithm: ~Copyable {
  let handle: OpaquePointer

  init() {
    guard let handle = unsafe EVP_MD_fetch(nil, "SHA256", nil) else {
      fatalError("this OpenSSL has no SHA-256")
    }
    unsafe self.handle = unsafe handle
  }

  deinit { unsafe EVP_MD_free(handle) }
}
