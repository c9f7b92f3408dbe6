// Public keys, and what they have signed.

internal import COpenSSL
internal import HTTPSyntax
internal import Synchronization

/// A public key that verifies signatures of one algorithm, the key's own.
///
/// The corresponding C type is `EVP_PKEY`.
package final class VerificationKey: Sendable {
  /// By the names of RFC 7518 section 3 and RFC 8037 section 3.1.
  package enum Algorithm: Sendable {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    case rs256
    /// ECDSA on P-256 with SHA-256; a signature is r and s, 32 bytes each.
    case es256
    /// Ed25519 (RFC 8032).
    case edDSA
  }

  package let algorithm: Algorithm
  /// Knows the key and its algorithms, and is copied for each verification: the names are searched
  /// for once only.
  private let prepared: Mutex<SignatureVerification>

  private init(_ algorithm: Algorithm, _ key: consuming sending KeyHandle) {
    self.algorithm = algorithm
    prepared = Mutex(SignatureVerification(key, digest: algorithm == .edDSA ? nil : "SHA256"))
  }

  /// An RSA key by its numbers in big endian. Nil unless the modulus has 2048 to 8192 bits and the
  /// exponent is odd, 3 or more (with 1, anybody could sign), of at most 8 bytes.
  package static func rsa(modulus: Span<UInt8>, exponent: Span<UInt8>) -> VerificationKey? {
    let modulus = BigNumber(modulus)
    let exponent = BigNumber(exponent)
    guard (2048...8192).contains(modulus.bitCount), (2...64).contains(exponent.bitCount),
      exponent.isOdd,
      let key = unsafe KeyHandle(owning: copenssl_rsa_key(modulus.handle, exponent.handle))
    else { return nil }
    return VerificationKey(.rs256, key)
  }

  /// A key on P-256 by its coordinates, 32 bytes each; nil unless they are a point on it.
  package static func p256(x: Span<UInt8>, y: Span<UInt8>) -> VerificationKey? {
    guard x.count == 32, y.count == 32 else { return nil }
    // SEC 1, section 2.3.3: an uncompressed point.
    let point = [4] + Array(copying: x) + Array(copying: y)
    guard let key = unsafe KeyHandle(owning: copenssl_p256_key(point, point.count)) else {
      return nil
    }
    return VerificationKey(.es256, key)
  }

  /// A key of Ed25519, 32 bytes; nil for any other number of them.
  package static func ed25519(_ bytes: Span<UInt8>) -> VerificationKey? {
    guard bytes.count == 32 else { return nil }
    let pointer = unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes.baseAddress, bytes.count)
    }
    guard let key = unsafe KeyHandle(owning: pointer) else { return nil }
    return VerificationKey(.edDSA, key)
  }

  /// Whether `signature` is one of `message` by this key. One of another length than the key's
  /// signatures have is none.
  /// The corresponding C function is `EVP_DigestVerify`.
  package func verifies(_ signature: Span<UInt8>, of message: Span<UInt8>) -> Bool {
    ERR_clear_error()
    let verification = prepared.withLock { SignatureVerification(copying: $0) }
    guard algorithm == .es256 else { return verification.accepts(signature, of: message) }
    return verification.accepts(encodedECDSA(signature).span, of: message)
  }
}

/// r and s as OpenSSL wants them, in the DER of RFC 3279 section 2.2.3; empty, which is no
/// signature, unless they are 32 bytes each.
private func encodedECDSA(_ signature: Span<UInt8>) -> [UInt8] {
  guard signature.count == 64 else { return [] }
  let integers = derInteger(signature.extracting(..<32)) + derInteger(signature.extracting(32...))
  return [0x30, UInt8(integers.count)] + integers
}

/// An INTEGER without needless zeros, of at most 35 bytes.
private func derInteger(_ bytes: Span<UInt8>) -> [UInt8] {
  var digits = Array(copying: bytes).drop { $0 == 0 }
  if digits.first.map({ $0 >= 0x80 }) ?? true { digits.insert(0, at: digits.startIndex) }
  return [0x02, UInt8(digits.count)] + digits
}

/// Owns an `EVP_PKEY`.
@safe private struct KeyHandle: ~Copyable {
  let pointer: OpaquePointer

  init?(owning pointer: OpaquePointer?) {
    guard let pointer = unsafe pointer else { return nil }
    unsafe self.pointer = unsafe pointer
  }

  deinit { unsafe EVP_PKEY_free(pointer) }
}

/// Owns an `EVP_MD_CTX` that verifies, and with it a reference to the key.
@safe private struct SignatureVerification: ~Copyable {
  private let context: OpaquePointer

  init(_ key: borrowing KeyHandle, digest: String?) {
    let context = unsafe EVP_MD_CTX_new()
    guard let context = unsafe context,
      unsafe EVP_DigestVerifyInit_ex(context, nil, digest, nil, nil, key.pointer, nil) == 1
    else { fatalError("this OpenSSL cannot verify signatures") }
    unsafe self.context = unsafe context
  }

  init(copying original: borrowing SignatureVerification) {
    let context = unsafe EVP_MD_CTX_new()
    guard let context = unsafe context,
      unsafe EVP_MD_CTX_copy_ex(context, original.context) == 1
    else { fatalError("no memory for a verification") }
    unsafe self.context = unsafe context
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  consuming func accepts(_ signature: Span<UInt8>, of message: Span<UInt8>) -> Bool {
    unsafe signature.withUnsafeBufferPointer { signature in
      unsafe message.withUnsafeBufferPointer { message in
        unsafe EVP_DigestVerify(
          context, signature.baseAddress, signature.count, message.baseAddress, message.count) == 1
      }
    }
  }
}

/// Owns a `BIGNUM`.
@safe private struct BigNumber: ~Copyable {
  let handle: OpaquePointer

  init(_ bytes: Span<UInt8>) {
    let handle = unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe BN_bin2bn(bytes.baseAddress, CInt(clamping: bytes.count), nil)
    }
    guard let handle = unsafe handle else { fatalError("no memory for a number") }
    unsafe self.handle = unsafe handle
  }

  deinit { unsafe BN_free(handle) }

  var bitCount: Int { Int(unsafe BN_num_bits(handle)) }
  var isOdd: Bool { unsafe BN_is_odd(handle) == 1 }
}
