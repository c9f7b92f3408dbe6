// Refusing requests that another site made a browser send.

internal import Gateway
internal import HTTPSyntax

/// An origin's host and port, as far as they matter for comparing (RFC 6454).
struct Authority: Equatable {
  let host: [UInt8]
  /// Nil for the scheme's default port.
  let port: Int?

  /// Reads `host[:port]` for the scheme whose default port is `defaultPort`; nil when it is
  /// anything else.
  init?(_ text: some Collection<UInt8>, defaultPort: Int) {
    var host = lowercased(text)
    var port: Int?
    // A colon inside the brackets of an IPv6 address starts no port.
    if let colon = host.lastIndex(of: UInt8(ascii: ":")),
      !host[colon...].contains(UInt8(ascii: "]"))
    {
      guard let number = DecimalDigits.parse(host[(colon + 1)...]), number <= 65535 else {
        return nil
      }
      port = number == defaultPort ? nil : number
      host.removeSubrange(colon...)
    }
    guard !host.isEmpty, host.allSatisfy(Authority.isHostByte) else { return nil }
    self.host = host
    self.port = port
  }

  private static func isHostByte(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte < 0x7F && !"/?#@,".utf8.contains(byte)
  }
}

/// The rule for requests that change something (POST, DELETE).
package enum CSRFCheck {
  /// - Throws: `.crossSite` when the browser says that another site made the request, or when
  ///   its `Origin` is neither the host it was sent to nor one of `allowedOrigins`. Clients that
  ///   send neither header are no browsers, and no page can make a browser leave them out.
  static func check(
    _ variables: MetaVariables, allowedOrigins: Set<String>
  ) throws(Refusal) {
    for value in variables.secFetchSite {
      // Repeated headers may come joined.
      for site in value.split(separator: UInt8(ascii: ",")) {
        let name = lowercased(site.filter { $0 != 0x20 && $0 != 0x09 })
        if name.span == "cross-site" { throw .crossSite }
      }
    }
    for origin in variables.origin {
      guard isAllowed(origin, host: variables.host, allowedOrigins: allowedOrigins) else {
        throw .crossSite
      }
    }
  }

  private static func isAllowed(
    _ origin: [UInt8], host: [[UInt8]], allowedOrigins: Set<String>
  ) -> Bool {
    let schemes: [(prefix: String, defaultPort: Int)] = [("http://", 80), ("https://", 443)]
    for scheme in schemes where lowercased(origin).starts(with: scheme.prefix.utf8) {
      guard
        let from = Authority(
          origin.dropFirst(scheme.prefix.utf8.count), defaultPort: scheme.defaultPort)
      else { return false }
      if host.count == 1, from == Authority(host[0], defaultPort: scheme.defaultPort) {
        return true
      }
    }
    // Bytes, not characters: equal-looking strings are not the same origin.
    return allowedOrigins.contains { $0 != "null" && $0.utf8.elementsEqual(origin) }
  }
}
