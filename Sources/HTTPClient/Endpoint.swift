// Where a server is.

internal import HTTPSyntax

/// A server's address: `https://host[:port][/base/path]`.
package struct Endpoint: Sendable, Equatable {
  /// The name or the numeric address, without brackets.
  package let host: String
  package let port: UInt16
  /// Empty, or a path from its `/` on, without one at its end.
  package let basePath: String

  /// Nil unless `url` is as the type says: TLS is not optional, and user names, queries and
  /// fragments mean nothing here.
  package init?(_ url: String) {
    let scheme = "https://"
    guard url.utf8.count > 8,
      String(decoding: url.utf8.prefix(8), as: UTF8.self).lowercased() == scheme
    else { return nil }
    let rest = Array(url.utf8.dropFirst(8))
    let slash = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
    guard let (host, port) = splitAuthority(rest[..<slash]) else { return nil }
    var path = rest[slash...]
    while path.last == UInt8(ascii: "/") { path.removeLast() }
    guard path.allSatisfy({ $0.isLabelByte || "/._~".utf8.contains($0) }) else { return nil }
    self.host = host
    self.port = port
    basePath = String(decoding: path, as: UTF8.self)
  }

  /// The Host field, with the port unless that is HTTPS's default. It is signed.
  package var hostField: String {
    let name = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
    return port == 443 ? name : "\(name):\(port)"
  }
}

private func splitAuthority(_ authority: ArraySlice<UInt8>) -> (host: String, port: UInt16)? {
  var host = authority
  var port: UInt16 = 443
  let bracket = authority.lastIndex(of: UInt8(ascii: "]")) ?? authority.startIndex
  if let colon = authority[bracket...].lastIndex(of: UInt8(ascii: ":")) {
    host = authority[..<colon]
    guard let number = DecimalDigits.parse(authority[(colon + 1)...]), (1...65_535).contains(number)
    else {
      return nil
    }
    port = UInt16(number)
  }
  if host.first == UInt8(ascii: "[") {
    guard host.last == UInt8(ascii: "]"), host.count > 2 else { return nil }
    host = host.dropFirst().dropLast()
    // Whether it is an address is for the resolver to say.
    guard host.allSatisfy({ $0.isLabelByte || ":.".utf8.contains($0) }) else { return nil }
  } else {
    guard (1...253).contains(host.count),
      host.allSatisfy({ $0.isLabelByte || $0 == UInt8(ascii: ".") })
    else { return nil }
  }
  return (String(decoding: host, as: UTF8.self), port)
}
