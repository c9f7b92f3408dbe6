// AES with keys of 256 bits: decryption alone, since nothing here encrypts.

internal import COpenSSL

/// What `ciphertext` stands for in AES-256-CBC with PKCS #7 padding (NIST SP 800-38A, RFC 5652
/// section 6.3); nil when it is no whole number of blocks or its padding is wrong.
///
/// Whether the padding was right must never be told to who sent the ciphertext: authenticate it
/// first. The corresponding C functions are `EVP_DecryptInit_ex2`, `EVP_DecryptUpdate` and
/// `EVP_DecryptFinal_ex`.
package func decryptAES256CBC(
  _ ciphertext: Span<UInt8>, key: Span<UInt8>, iv: Span<UInt8>
) -> [UInt8]? {
  precondition(key.count == 32 && iv.count == 16, "AES-256-CBC: 32 bytes of key, 16 of IV")
  var decryption = unsafe Decryption(EVP_aes_256_cbc(), key: key, iv: iv)
  return decryption.finish(ciphertext)
}

/// What `ciphertext` stands for in AES-256-GCM (NIST SP 800-38D) with an IV of 96 bits; nil when
/// `tag`, of 128 bits, is not that of it and of `additionalData`. The tag is compared in constant
/// time, and nothing is returned that it does not vouch for.
///
/// The corresponding C functions are those of `decryptAES256CBC` and `EVP_CIPHER_CTX_ctrl`.
package func decryptAES256GCM(
  _ ciphertext: Span<UInt8>, key: Span<UInt8>, iv: Span<UInt8>, additionalData: Span<UInt8>,
  tag: Span<UInt8>
) -> [UInt8]? {
  precondition(
    key.count == 32 && iv.count == 12 && tag.count == 16,
    "AES-256-GCM: 32 bytes of key, 12 of IV, 16 of tag")
  var decryption = unsafe Decryption(EVP_aes_256_gcm(), key: key, iv: iv)
  decryption.expect(tag)
  decryption.authenticate(additionalData)
  return decryption.finish(ciphertext)
}

/// Owns an `EVP_CIPHER_CTX`, which wipes the key at its end.
@safe private struct Decryption: ~Copyable {
  private let context: OpaquePointer

  init(_ cipher: OpaquePointer?, key: Span<UInt8>, iv: Span<UInt8>) {
    guard let context = unsafe EVP_CIPHER_CTX_new() else { fatalError("no memory for AES") }
    unsafe self.context = unsafe context
    ERR_clear_error()
    let result = unsafe key.withUnsafeBufferPointer { key in
      unsafe iv.withUnsafeBufferPointer { iv in
        unsafe EVP_DecryptInit_ex2(context, cipher, key.baseAddress, iv.baseAddress, nil)
      }
    }
    precondition(result == 1, "this OpenSSL has no AES-256")
  }

  deinit { unsafe EVP_CIPHER_CTX_free(context) }

  mutating func expect(_ tag: Span<UInt8>) {
    let result = unsafe tag.withUnsafeBytes { tag in
      // The library takes it as mutable, and reads it.
      unsafe EVP_CIPHER_CTX_ctrl(
        context, EVP_CTRL_AEAD_SET_TAG, CInt(tag.count),
        UnsafeMutableRawPointer(mutating: tag.baseAddress))
    }
    precondition(result == 1, "a tag of this length cannot be expected")
  }

  mutating func authenticate(_ data: Span<UInt8>) {
    var count: CInt = 0
    let result = unsafe data.withUnsafeBufferPointer { data in
      unsafe EVP_DecryptUpdate(context, nil, &count, data.baseAddress, CInt(data.count))
    }
    precondition(result == 1, "additional data cannot be authenticated")
  }

  mutating func finish(_ ciphertext: Span<UInt8>) -> [UInt8]? {
    var plaintext = [UInt8](repeating: 0, count: ciphertext.count + Int(EVP_MAX_BLOCK_LENGTH))
    var count: CInt = 0
    var rest: CInt = 0
    let isRight = unsafe plaintext.withUnsafeMutableBufferPointer { plaintext in
      unsafe ciphertext.withUnsafeBufferPointer { ciphertext in
        unsafe EVP_DecryptUpdate(
          context, plaintext.baseAddress, &count, ciphertext.baseAddress, CInt(ciphertext.count))
          == 1
          && EVP_DecryptFinal_ex(
            context, plaintext.baseAddress.map { unsafe $0 + Int(count) }, &rest) == 1
      }
    }
    guard isRight else {
      wipe(&plaintext)
      return nil
    }
    plaintext.removeLast(plaintext.count - Int(count + rest))
    return plaintext
  }
}
