// The grammar of a connection URL.

internal import HTTPSyntax

/// Takes a connection URL apart and decodes the parts; what they mean is `DatabaseURL`'s matter.
struct DatabaseURLParser {
  /// A URL's parts, decoded.
  struct Parts {
    var user: String?
    var password: String?
    var endpoints: [DatabaseURL.Endpoint] = []
    var database: String?
    var parameters: [(name: String, value: String)] = []
  }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: Span<UInt8>) throws(DatabaseURLError) {
    guard bytes.count <= DatabaseURL.maxBytes else { throw .tooLong }
    var copy: [UInt8] = []
    copy.reserveCapacity(bytes.count)
    for index in bytes.indices { copy.append(bytes[index]) }
    rest = copy[...]
  }

  mutating func parse() throws(DatabaseURLError) -> Parts {
    guard rest.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { throw .controlCharacter }
    try takeScheme()
    // A stray one of these moves the border between password and host: nothing after it can be
    // believed, so it is refused before anything else.
    guard rest.count(where: { $0 == UInt8(ascii: "@") }) <= 1,
      !rest.contains(UInt8(ascii: "#"))
    else { throw .unencodedCharacter }
    var parts = Parts()
    try parseAuthority(takeUntil { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }, &parts)
    if rest.first == UInt8(ascii: "/") {
      rest.removeFirst()
      let path = takeUntil { $0 == UInt8(ascii: "?") }
      parts.database = path.isEmpty ? nil : try decode(path)
    }
    if rest.first == UInt8(ascii: "?") {
      try parseQuery(rest.dropFirst(), &parts)
    }
    return parts
  }

  private mutating func takeScheme() throws(DatabaseURLError) {
    guard let colon = rest.firstIndex(of: UInt8(ascii: ":")),
      rest[colon...].starts(with: "://".utf8)
    else { throw .scheme }
    switch rest[..<colon].map({ $0 | 0x20 }) {
    case Array("postgres".utf8), Array("postgresql".utf8): rest = rest[(colon + 3)...]
    case Array("prisma".utf8), Array("prisma+postgres".utf8): throw .prismaService
    default: throw .scheme
    }
  }

  private mutating func takeUntil(_ isEnd: (UInt8) -> Bool) -> ArraySlice<UInt8> {
    let end = rest.firstIndex(where: isEnd) ?? rest.endIndex
    defer { rest = rest[end...] }
    return rest[..<end]
  }

  private func parseAuthority(
    _ authority: ArraySlice<UInt8>, _ parts: inout Parts
  ) throws(DatabaseURLError) {
    var hosts = authority
    if let at = authority.firstIndex(of: UInt8(ascii: "@")) {
      let user = authority[..<at]
      hosts = authority[(at + 1)...]
      let colon = user.firstIndex(of: UInt8(ascii: ":")) ?? user.endIndex
      if colon > user.startIndex { parts.user = try decode(user[..<colon]) }
      let password = user[colon...].dropFirst()
      if !password.isEmpty { parts.password = try decode(password) }
    } else if rest.contains(UInt8(ascii: "@")) {
      throw .unencodedCharacter
    }
    for host in hosts.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      parts.endpoints.append(try endpoint(host))
    }
  }

  /// `host`, `host:port`, `[IPv6]` or `[IPv6]:port`; each may be empty.
  private func endpoint(
    _ text: ArraySlice<UInt8>
  ) throws(DatabaseURLError) -> DatabaseURL.Endpoint {
    let host: String
    let rest: ArraySlice<UInt8>
    if text.first == UInt8(ascii: "[") {
      guard let end = text.firstIndex(of: UInt8(ascii: "]")) else { throw .host }
      host = try decode(text[..<end].dropFirst())
      rest = text[(end + 1)...]
      guard host.utf8.contains(UInt8(ascii: ":")) else { throw .host }
    } else {
      let colon = text.firstIndex(of: UInt8(ascii: ":")) ?? text.endIndex
      host = try decode(text[..<colon])
      rest = text[colon...]
    }
    // libpq would take a comma for one more host.
    guard !host.contains(",") else { throw .host }
    if rest.isEmpty { return .init(host: host, port: "") }
    guard rest.first == UInt8(ascii: ":") else { throw .host }
    let port = rest.dropFirst()
    return .init(host: host, port: try Self.checkedPort(String(decoding: port, as: UTF8.self)))
  }

  /// `port` itself if it is empty or a number from 1 to 65535.
  static func checkedPort(_ port: String) throws(DatabaseURLError) -> String {
    if port.isEmpty { return port }
    guard let number = decimal(port), (1...65535).contains(number) else { throw .port }
    return port
  }

  private func parseQuery(
    _ query: ArraySlice<UInt8>, _ parts: inout Parts
  ) throws(DatabaseURLError) {
    for pair in query.split(separator: UInt8(ascii: "&")) {
      guard let equals = pair.firstIndex(of: UInt8(ascii: "=")), equals > pair.startIndex
      else { throw .query }
      let value = pair[(equals + 1)...]
      guard !value.contains(UInt8(ascii: "=")) else { throw .query }
      parts.parameters.append((try decode(pair[..<equals]), try decode(value)))
    }
  }

  /// Undoes percent-encoding, once. A `+` stays one: this is no form.
  private func decode(_ text: ArraySlice<UInt8>) throws(DatabaseURLError) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var rest = text
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(hexadecimalValue),
        let low = rest.popFirst().flatMap(hexadecimalValue)
      else { throw .percentEncoding }
      bytes.append(high << 4 | low)
    }
    guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { throw .controlCharacter }
    guard let string = String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
    return string
  }
}

/// A number of one to nine ASCII digits.
func decimal(_ text: String) -> Int? {
  guard (1...9).contains(text.utf8.count), text.utf8.allSatisfy(\.isDigit)
  else { return nil }
  return text.utf8.reduce(0) { $0 * 10 + Int($1 - 48) }
}
