// Encrypted tokens: JWE in its compact form (RFC 7516) with a key that both sides have (`dir`).

internal import HTTPSyntax
internal import OpenSSL

/// How the content is encrypted (RFC 7518, section 5.1), by the names of `enc`.
enum ContentEncryption: String, Sendable {
  case a256CBCHS512 = "A256CBC-HS512"
  case a256GCM = "A256GCM"

  var keyByteCount: Int { self == .a256GCM ? 32 : 64 }
  var ivByteCount: Int { self == .a256GCM ? 12 : 16 }
  var tagByteCount: Int { self == .a256GCM ? 16 : 32 }
}

/// A key with what it is for.
struct ContentKey: Sendable {
  let encryption: ContentEncryption
  let bytes: SecretBytes
}

/// An encrypted token, taken apart.
struct EncryptedToken {
  private let encryption: ContentEncryption
  /// The header as it came, which the tag vouches for, too.
  private let additionalData: ArraySlice<UInt8>
  private let iv, ciphertext, tag: [UInt8]

  /// - Throws: `.notEncrypted` for what has not the five parts of one.
  init(_ text: [UInt8]) throws(TokenError) {
    guard text.count <= maxTokenBytes else { throw .tooLong }
    let parts = text.split(
      separator: UInt8(ascii: "."), maxSplits: 5, omittingEmptySubsequences: false)
    guard parts.count == 5 else { throw .notEncrypted }
    let header = try JOSEHeader(parts[0])
    guard header.algorithm == "dir",
      let encryption = header.encryption.flatMap(ContentEncryption.init)
    else { throw .algorithmNotTaken }
    // The key is ours already: none comes with the token (RFC 7516, section 5.2, step 10).
    guard parts[1].isEmpty, let iv = Base64URL.decode(parts[2]),
      let ciphertext = Base64URL.decode(parts[3]), let tag = Base64URL.decode(parts[4]),
      iv.count == encryption.ivByteCount, tag.count == encryption.tagByteCount, !ciphertext.isEmpty
    else { throw .malformed }
    self.encryption = encryption
    additionalData = parts[0]
    self.iv = iv
    self.ciphertext = ciphertext
    self.tag = tag
  }

  /// The content by the first of `keys` that fits.
  ///
  /// - Throws: `.notAuthentic`.
  func open(with keys: [ContentKey]) throws(TokenError) -> [UInt8] {
    for key in keys where key.encryption == encryption {
      if let content = open(with: key.bytes) { return content }
    }
    throw .notAuthentic
  }

  private func open(with key: SecretBytes) -> [UInt8]? {
    key.withBytes { key in
      switch encryption {
      case .a256GCM:
        decryptAES256GCM(
          ciphertext.span, key: key, iv: iv.span, additionalData: additionalData.span,
          tag: tag.span)
      case .a256CBCHS512:
        isTagRight(key.extracting(..<32))
          ? decryptAES256CBC(ciphertext.span, key: key.extracting(32...), iv: iv.span) : nil
      }
    }
  }

  /// RFC 7518, section 5.2.2.2: before anything is decrypted.
  private func isTagRight(_ key: Span<UInt8>) -> Bool {
    let bitCount = UInt64(additionalData.count) * 8
    let lengthField = (0..<8).map { UInt8(truncatingIfNeeded: bitCount >> (56 - 8 * $0)) }
    var message = Array(additionalData)
    message += iv
    message += ciphertext
    message += lengthField
    var computed = [UInt8](repeating: 0, count: 64)
    var span = computed.mutableSpan
    hmacSHA512(key: key, message: message.span, into: &span)
    return equalInConstantTime(computed.span.extracting(..<32), tag.span)
  }
}

/// More than a web server's limits for heads let pass, for sessions that have grown.
let maxTokenBytes = 32 * 1024
