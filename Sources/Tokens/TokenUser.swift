// The user that a token names, as headers can carry it.

internal import HTTPSyntax

/// Who the user is.
package struct TokenUser: Sendable, Equatable {
  /// 1 to 255 visible ASCII characters.
  package let id: String
  /// The same; nil where the token has none, or one that is no such text.
  package let email: String?
  /// Percent-encoded, `%` included; nil where the token has none, or one with control characters or
  /// of more than 255 bytes.
  package let encodedName: String?

  private static let maxBytes = 255

  init(id: String, email: String?, encodedName: String?) {
    self.id = id
    self.email = email
    self.encodedName = encodedName
  }

  init(_ claims: Claims) throws(TokenError) {
    guard claims.user != .absent else { throw .withoutUser }
    guard let id = TokenUser.visible(claims.user) else { throw .unusableUser }
    self.id = id
    email = TokenUser.visible(claims.email)
    encodedName = TokenUser.encoded(claims.name)
  }

  private static func visible(_ claim: Claims.Text) -> String? {
    guard let text = claim.value, (1...maxBytes).contains(text.utf8.count),
      text.utf8.allSatisfy(\.isVisible)
    else { return nil }
    return text
  }

  private static func encoded(_ claim: Claims.Text) -> String? {
    guard let text = claim.value, (1...maxBytes).contains(text.utf8.count),
      text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
    else { return nil }
    return percentEncoded(text) { _ in false }
  }
}
