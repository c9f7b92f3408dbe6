// Which page makes a request, as its browser names it (RFC 6454).

internal import Gateway
internal import HTTPSyntax

/// A scheme, a host and a port. `null`, by which a browser hides an origin, is none.
package struct Origin: Hashable, Sendable {
  let scheme: [UInt8]
  let authority: Authority

  /// Reads `scheme://host[:port]`; nil when it is anything else, such as one with a path.
  package init?(_ text: some Collection<UInt8>) {
    let text = lowercased(text)
    guard let colon = text.firstIndex(of: ASCII.colon), text[colon...].starts(with: "://".utf8)
    else { return nil }
    let scheme = text[..<colon]
    guard scheme.first?.isLetter == true, scheme.allSatisfy(Origin.isSchemeByte),
      let authority = Authority(text[(colon + 3)...], defaultPort: Origin.defaultPort(of: scheme))
    else { return nil }
    self.scheme = Array(scheme)
    self.authority = authority
  }

  /// Whether `host`, the request's Host, is this one's.
  func isHost(_ host: [UInt8]) -> Bool {
    guard let defaultPort = Origin.defaultPort(of: scheme[...]) else { return false }
    return authority == Authority(host, defaultPort: defaultPort)
  }

  private static func defaultPort(of scheme: ArraySlice<UInt8>) -> Int? {
    if scheme.span == "http" { return 80 }
    return scheme.span == "https" ? 443 : nil
  }

  /// RFC 3986, section 3.1.
  private static func isSchemeByte(_ byte: UInt8) -> Bool {
    byte.isLetterOrDigit || "+-.".utf8.contains(byte)
  }
}

/// An origin's host and port, as far as they matter for comparing.
struct Authority: Hashable {
  let host: [UInt8]
  /// Nil for the scheme's default port.
  let port: Int?

  /// Reads `host[:port]` for the scheme whose default port is `defaultPort`; nil when it is
  /// anything else.
  init?(_ text: some Collection<UInt8>, defaultPort: Int?) {
    var host = lowercased(text)
    var port: Int?
    // A colon inside the brackets of an IPv6 address starts no port.
    if let colon = host.lastIndex(of: ASCII.colon),
      !host[colon...].contains(UInt8(ascii: "]"))
    {
      guard let number = DecimalDigits.parse(host[(colon + 1)...]), number <= 65535 else {
        return nil
      }
      port = number == defaultPort ? nil : number
      host.removeSubrange(colon...)
    }
    guard Authority.isHost(host[...]) else { return nil }
    self.host = host
    self.port = port
  }

  /// A name as browsers send it, other alphabets as `xn--`, or an address. `*` is in none: what
  /// looks like a pattern would match nothing.
  private static func isHost(_ host: ArraySlice<UInt8>) -> Bool {
    if host.first == UInt8(ascii: "[") {
      let address = host.dropFirst().dropLast()
      return host.last == UInt8(ascii: "]") && !address.isEmpty
        && address.allSatisfy { $0.isLetterOrDigit || ":.".utf8.contains($0) }
    }
    return !host.isEmpty && host.allSatisfy(\.isUnreserved)
  }
}

extension Set<Origin> {
  /// The origin of the page that makes the request, as its browser wrote it, if it is one of
  /// these. A request with several has none: only one could be told that it may read the response.
  func origin(of variables: MetaVariables) -> String? {
    guard !isEmpty, variables.origin.count == 1, let origin = Origin(variables.origin[0]),
      contains(origin)
    else { return nil }
    return String(decoding: variables.origin[0], as: UTF8.self)
  }
}
