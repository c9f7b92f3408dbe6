// Signed tokens: JWS in its compact form (RFC 7515).

internal import HTTPSyntax
package import OpenSSL

/// A key that verifies tokens of one algorithm, whatever their headers say.
package struct TokenKey: Sendable {
  let id: String?
  private let material: Material

  private enum Material: Sendable {
    case secret(SecretBytes)
    case publicKey(VerificationKey)
  }

  /// For HS256.
  package init(secret: SecretBytes) {
    id = nil
    material = .secret(secret)
  }

  init(id: String?, _ key: VerificationKey) {
    self.id = id
    material = .publicKey(key)
  }

  /// By its name in `alg`.
  var algorithm: String {
    switch material {
    case .secret: "HS256"
    case .publicKey(let key): key.algorithm.name
    }
  }

  /// Keys and tokens without an id fit any.
  func fits(id other: String?) -> Bool { id == nil || other == nil || id == other }

  func verifies(_ signature: [UInt8], of message: ArraySlice<UInt8>) -> Bool {
    switch material {
    case .secret(let secret):
      secret.withBytes { secret in
        let computed = hmacSHA256(key: secret, message: message.span)
        return equalInConstantTime(computed.bytes.span, signature.span)
      }
    case .publicKey(let key): key.verifies(signature.span, of: message.span)
    }
  }
}

extension VerificationKey.Algorithm {
  /// RFC 7518 section 3.1, RFC 8037 section 3.1.
  var name: String {
    switch self {
    case .rs256: "RS256"
    case .es256: "ES256"
    case .edDSA: "EdDSA"
    }
  }
}

/// The content of a signed token.
///
/// - Throws: `.algorithmNotTaken` where no key is for its algorithm: a key is never used for
///   another than its own.
func verifiedContent(_ text: [UInt8], keys: [TokenKey]) throws(TokenError) -> [UInt8] {
  guard text.count <= maxTokenBytes else { throw .tooLong }
  let parts = text.split(
    separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false)
  guard parts.count == 3 else { throw .malformed }
  let header = try JOSEHeader(parts[0])
  let ofAlgorithm = keys.filter { $0.algorithm == header.algorithm }
  guard !ofAlgorithm.isEmpty else { throw .algorithmNotTaken }
  let candidates = ofAlgorithm.filter { $0.fits(id: header.keyID) }
  guard !candidates.isEmpty else { throw .unknownKey }
  guard let content = Base64URL.decode(parts[1]), let signature = Base64URL.decode(parts[2])
  else { throw .malformed }
  let message = text[..<parts[1].endIndex]
  guard candidates.contains(where: { $0.verifies(signature, of: message) }) else {
    throw .notAuthentic
  }
  return content
}
