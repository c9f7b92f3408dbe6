// What proves who a client is, and the keys of those who vouch for it.

import HTTPSyntax
internal import OpenSSL

// How a token is read is nobody's business outside the module.
@testable internal import Tokens

/// Bytes that nobody has signed let nobody in, whatever they are; and what genuine claims say can
/// stand in a header, whatever it is.
@Sendable func fuzzTokens(_ input: Span<UInt8>) {
  let text = Array(copying: input)
  let name = Array("authjs.session-token=".utf8)
  for credentials in [
    Authorization.Credentials(cookies: [text], authorization: [], isHTTPS: false),
    Authorization.Credentials(cookies: [name + text], authorization: [], isHTTPS: false),
    Authorization.Credentials(cookies: [], authorization: [text], isHTTPS: true),
  ] {
    let user = try? site.authorization.user(credentials, keys: [site.key], now: 1_800_000_000)
    expect(user == nil, "a user out of nothing")
  }
  if let whole = try? Cookies([text]).value(of: Array("a".utf8)) {
    expect(!whole.isEmpty && whole.count <= text.count)
  }
  if let claims = try? Claims(text, site.authorization.claims), let user = try? TokenUser(claims) {
    let values = [user.id, user.email, user.encodedName].compactMap(\.self)
    expect(values.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(\.isVisible) })
  }
  _ = try? KeySet(json: text)
}

private let site = Site()

private struct Site: Sendable {
  let key: TokenKey
  let authorization: Authorization

  init() {
    let secret = SecretBytes(copying: Array("a secret that no fuzzer may know".utf8).span)
    key = TokenKey(secret: secret)
    var authorization = Authorization(
      claims: ClaimNames(user: "externalId", email: "email", name: "name"))
    authorization.cookies = SessionCookie.standard(secrets: [secret])
    self.authorization = authorization
  }
}
