// Who a request is from: a session's cookie, or a bearer token.

internal import HTTPSyntax

/// What a site takes for proof, and what it asks of it. No I/O, no clock.
package struct Authorization: Sendable {
  /// In the order in which they are looked for; empty where sessions are not taken.
  package var cookies: [SessionCookie] = []
  package let claims: ClaimNames
  /// What bearer tokens have to name; nil for any.
  package var issuer, audience: String?

  package init(claims: ClaimNames) { self.claims = claims }

  /// The headers of a request that prove something.
  package struct Credentials {
    package let cookies, authorization: [[UInt8]]
    package let isHTTPS: Bool

    package init(cookies: [[UInt8]], authorization: [[UInt8]], isHTTPS: Bool) {
      self.cookies = cookies
      self.authorization = authorization
      self.isHTTPS = isHTTPS
    }
  }

  /// The user. Where bearer tokens are taken and one came, it alone decides.
  ///
  /// - Parameters:
  ///   - keys: for bearer tokens; empty where those are not taken.
  ///   - now: seconds since 1970.
  package func user(
    _ credentials: Credentials, keys: [TokenKey], now: Int
  ) throws(TokenError) -> TokenUser {
    if !keys.isEmpty, let token = try bearerToken(credentials.authorization) {
      let claims = try Claims(try verifiedContent(token, keys: keys), claims)
      try claims.requireValidity(at: now)
      try claims.require(issuer: issuer, audience: audience)
      return try TokenUser(claims)
    }
    return try userOfSession(credentials, now: now)
  }

  /// The token of `Authorization: Bearer` (RFC 6750, section 2.1); nil where there is none.
  private func bearerToken(_ headers: [[UInt8]]) throws(TokenError) -> [UInt8]? {
    guard headers.count <= 1 else { throw .repeated }
    guard let header = headers.first, let space = header.firstIndex(of: ASCII.space),
      matches(header[..<space], "bearer")
    else { return nil }
    return Array(trimmed(header[space...]))
  }

  /// A site that moves from one version to the other has cookies of both: the first that is right
  /// counts, and if none is, what is wrong with the first.
  private func userOfSession(
    _ credentials: Credentials, now: Int
  ) throws(TokenError) -> TokenUser {
    let sent = try Cookies(credentials.cookies)
    var failure: TokenError?
    for cookie in cookies where cookie.isTrusted || !credentials.isHTTPS {
      guard let token = try sent.value(of: cookie.name) else { continue }
      do throws(TokenError) {
        let claims = try Claims(try EncryptedToken(token).open(with: cookie.keys), claims)
        try claims.requireValidity(at: now)
        return try TokenUser(claims)
      } catch {
        failure = failure ?? error
      }
    }
    throw failure ?? .noCredentials
  }
}
