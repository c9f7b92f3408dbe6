// Refusing requests that another site made a browser send.

internal import Gateway
internal import HTTPSyntax

/// The rule for requests that change something (POST, DELETE).
package enum CSRFCheck {
  /// - Throws: `.crossSite` when the browser says that another site made the request, or when
  ///   its `Origin` is not the host it was sent to, unless that origin is one of `allowedOrigins`.
  ///   Clients that send neither header are no browsers, and no page can make a browser leave
  ///   them out.
  static func check(
    _ variables: MetaVariables, allowedOrigins: Set<Origin>
  ) throws(Refusal) {
    if allowedOrigins.origin(of: variables) != nil { return }
    // Repeated headers may come joined.
    for value in variables.secFetchSite where containsToken(value[...], "cross-site") {
      throw .crossSite
    }
    for origin in variables.origin {
      guard variables.host.count == 1, Origin(origin)?.isHost(variables.host[0]) == true else {
        throw .crossSite
      }
    }
  }
}
