// What a token claims, once it is known to be genuine (RFC 7519, section 4).

/// The claims that say who the user is.
package struct ClaimNames: Sendable {
  package let user, email, name: String

  package init(user: String, email: String, name: String) {
    self.user = user
    self.email = email
    self.name = name
  }
}

/// The claims of a token.
struct Claims {
  let user: Text
  let email, name, issuer: Text
  let audience: [String]
  private let expiry, notBefore: Double?

  /// A claim that should be a text.
  enum Text: Equatable {
    case absent
    case text(String)
    /// A number, an object or the like.
    case other

    init(_ value: JSONValue?) {
      switch value {
      case nil, .null: self = .absent
      case .string(let text): self = .text(text)
      default: self = .other
      }
    }

    var value: String? {
      if case .text(let text) = self { text } else { nil }
    }
  }

  /// What the clocks of two machines may differ by: as much as Auth.js allows.
  private static let toleranceSeconds = 15

  init(_ content: [UInt8], _ names: ClaimNames) throws(TokenError) {
    guard case .object(let claims) = try JSONReader.read(content) else { throw .malformed }
    user = Text(claims[names.user])
    email = Text(claims[names.email])
    name = Text(claims[names.name])
    issuer = Text(claims["iss"])
    audience = try Claims.audience(claims["aud"])
    expiry = try Claims.date(claims["exp"])
    notBefore = try Claims.date(claims["nbf"])
  }

  /// One, or several (RFC 7519, section 4.1.3).
  private static func audience(_ value: JSONValue?) throws(TokenError) -> [String] {
    switch value {
    case nil, .null: return []
    case .string(let one): return [one]
    case .array(let several):
      let texts = several.compactMap { Text($0).value }
      guard texts.count == several.count else { throw .malformed }
      return texts
    default: throw .malformed
    }
  }

  /// Seconds since 1970, perhaps with a fraction (RFC 7519, section 2: `NumericDate`).
  private static func date(_ value: JSONValue?) throws(TokenError) -> Double? {
    switch value {
    case nil, .null: return nil
    case .number(let seconds): return seconds
    default: throw .malformed
    }
  }

  /// - Parameter now: seconds since 1970.
  func requireValidity(at now: Int) throws(TokenError) {
    guard let expiry else { throw .withoutExpiry }
    guard expiry > Double(now - Claims.toleranceSeconds) else { throw .expired }
    if let notBefore, notBefore > Double(now + Claims.toleranceSeconds) { throw .notYetValid }
  }

  /// - Parameters: nil for any.
  func require(issuer: String?, audience: String?) throws(TokenError) {
    if let issuer, !isSame(self.issuer.value, issuer) { throw .wrongIssuer }
    if let audience, !self.audience.contains(where: { isSame($0, audience) }) {
      throw .wrongAudience
    }
  }
}

/// Byte by byte (RFC 7519, section 2: `StringOrURI`): `==` takes different spellings of a letter
/// for one.
private func isSame(_ claim: String?, _ expected: String) -> Bool {
  claim.map { $0.utf8.elementsEqual(expected.utf8) } ?? false
}
