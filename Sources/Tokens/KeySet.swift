// The public keys of an identity provider: a JWK set (RFC 7517).

internal import OpenSSL

/// The keys of a JWK set that verify signatures.
package struct KeySet: Sendable {
  package private(set) var keys: [TokenKey] = []
  /// A line for each key that is of no use here, safe to log.
  package private(set) var passedOver: [String] = []

  /// Why a file is no set of keys.
  package enum Failure: Error, Equatable {
    case malformed
    case tooManyKeys
    case noUsableKey
  }

  /// A token without `kid` has all keys of its algorithm tried.
  private static let maxKeys = 16

  package init(json: [UInt8]) throws(Failure) {
    guard let jwks = try? JWK.set(json) else { throw .malformed }
    guard jwks.count <= KeySet.maxKeys else { throw .tooManyKeys }
    for (index, jwk) in jwks.enumerated() {
      do throws(JWK.Refusal) {
        keys.append(TokenKey(id: jwk.kid, try jwk.key()))
      } catch {
        passedOver.append("key \(index + 1) \(error)")
      }
    }
    guard !keys.isEmpty else { throw .noUsableKey }
  }
}

extension KeySet.Failure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .malformed: "it is no JWK set"
    case .tooManyKeys: "it has more than 16 keys"
    case .noUsableKey: "no key in it verifies RS256 (from 2048 bits), ES256 or EdDSA"
    }
  }
}

/// A key as RFC 7517 section 4 and RFC 7518 section 6 have it.
private struct JWK {
  private let kty: String
  let kid: String?
  private let use, alg, crv, n, e, x, y: String?
  private let operations: [JSONValue]?

  /// The keys of a set (RFC 7517, section 5).
  static func set(_ json: [UInt8]) throws(TokenError) -> [JWK] {
    guard case .object(let set) = try JSONReader.read(json), case .array(let keys) = set["keys"]
    else { throw .malformed }
    return try keys.map { (key) throws(TokenError) in try JWK(key) }
  }

  private init(_ value: JSONValue) throws(TokenError) {
    guard case .object(let members) = value, let kty = try members.text("kty") else {
      throw .malformed
    }
    self.kty = kty
    kid = try members.text("kid")
    use = try members.text("use")
    alg = try members.text("alg")
    crv = try members.text("crv")
    n = try members.text("n")
    e = try members.text("e")
    x = try members.text("x")
    y = try members.text("y")
    switch members["key_ops"] {
    case nil, .null: operations = nil
    case .array(let several): operations = several
    default: throw .malformed
    }
  }

  /// Why it does not count.
  enum Refusal: String, Error, CustomStringConvertible {
    case symmetric = "is a secret, which nobody may publish"
    case notForSignatures = "is not for verifying signatures"
    case notTaken = "is of an algorithm that is not taken"
    case unusable = "is too weak or malformed"

    var description: String { rawValue }
  }

  func key() throws(Refusal) -> VerificationKey {
    guard kty != "oct" else { throw .symmetric }
    guard use ?? "sig" == "sig", operations?.contains(.string("verify")) ?? true else {
      throw .notForSignatures
    }
    let key = try publicKey()
    guard alg ?? key.algorithm.name == key.algorithm.name else { throw .notTaken }
    return key
  }

  private func publicKey() throws(Refusal) -> VerificationKey {
    let key: VerificationKey?
    switch (kty, crv) {
    case ("RSA", _): key = .rsa(modulus: bytes(n).span, exponent: bytes(e).span)
    case ("EC", "P-256"): key = .p256(x: bytes(x).span, y: bytes(y).span)
    case ("OKP", "Ed25519"): key = .ed25519(bytes(x).span)
    default: throw .notTaken
    }
    guard let key else { throw .unusable }
    return key
  }

  /// Empty where it is missing or malformed, which is no key's number.
  private func bytes(_ member: String?) -> [UInt8] {
    member.flatMap { Base64URL.decode($0.utf8) } ?? []
  }
}
