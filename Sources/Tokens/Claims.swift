// What a token claims, once it is known to be genuine (RFC 7519, section 4).

internal import FoundationEssentials

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

    var value: String? {
      if case .text(let text) = self { text } else { nil }
    }
  }

  /// What the clocks of two machines may differ by: as much as Auth.js allows.
  private static let toleranceSeconds = 15

  init(_ content: [UInt8], _ names: ClaimNames) throws(TokenError) {
    do {
      self = try JSONDecoder().decode(Claims.self, from: Data(content), configuration: names)
    } catch {
      throw .malformed
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
    if let issuer, self.issuer != .text(issuer) { throw .wrongIssuer }
    if let audience, !self.audience.contains(audience) { throw .wrongAudience }
  }
}

extension Claims: DecodableWithConfiguration {
  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder, configuration names: ClaimNames) throws {
    let claims = try decoder.container(keyedBy: Name.self)
    func text(_ name: String) throws -> Text {
      let name = Name(stringValue: name)
      guard claims.contains(name), try !claims.decodeNil(forKey: name) else { return .absent }
      return (try? claims.decode(String.self, forKey: name)).map { .text($0) } ?? .other
    }
    func date(_ name: String) throws -> Double? {
      try claims.decodeIfPresent(Double.self, forKey: Name(stringValue: name))
    }
    user = try text(names.user)
    email = try text(names.email)
    name = try text(names.name)
    issuer = try text("iss")
    if case .text(let one) = try text("aud") {
      audience = [one]
    } else {
      audience = try claims.decodeIfPresent([String].self, forKey: Name(stringValue: "aud")) ?? []
    }
    expiry = try date("exp")
    notBefore = try date("nbf")
  }
}
