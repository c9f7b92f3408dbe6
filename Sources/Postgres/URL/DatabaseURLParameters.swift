// What the parts of a connection URL mean: Prisma's parameters translated into libpq's.

internal import HTTPSyntax

extension DatabaseURL {
  init(_ parts: DatabaseURLParser.Parts, for library: ClientLibrary) throws(DatabaseURLError) {
    endpoints = parts.endpoints
    keywords["user"] = parts.user
    keywords["password"] = parts.password
    // Prisma's default; libpq's would be the user's name.
    keywords["dbname"] = parts.database ?? "postgres"
    // The last of equal names counts, as for libpq.
    let parameters = Dictionary(parts.parameters.map { ($0.name, $0.value) }) { $1 }
    for (name, _) in parts.parameters where !droppedParameters.contains(Self.reported(name)) {
      guard let value = parameters[name] else { continue }
      if try !applyOwn(name, value), try !applyPrisma(name, value) {
        try pass(name, value, to: library)
      }
    }
    try applyHosts(parameters)
    try applyTLS(parameters, library)
    applyDefaults(library)
  }

  /// Parameters that shape this program's own side.
  private mutating func applyOwn(
    _ name: String, _ value: String
  ) throws(DatabaseURLError) -> Bool {
    switch name {
    case "schema":
      guard let identifier = QuotedIdentifier(value) else { throw .value(of: name) }
      schema = identifier
    case "connection_limit":
      guard let limit = decimal(value), (1...1000).contains(limit) else { throw .value(of: name) }
      poolSize = limit
    case "pool_timeout": poolWait = try Self.seconds(name, value)
    case "connect_timeout": connectTimeout = try Self.seconds(name, value)
    case "socket_timeout": statementTimeout = try Self.seconds(name, value)
    case "pgbouncer":
      guard value == "true" || value == "false" else { throw .value(of: name) }
      isPooled = value == "true"
    default: return false
    }
    return true
  }

  /// Parameters that are left to the functions below, and those that mean nothing here.
  private mutating func applyPrisma(
    _ name: String, _ value: String
  ) throws(DatabaseURLError) -> Bool {
    switch name {
    case "host", "hostaddr", "port", "ssl", "sslmode", "sslaccept", "sslcert", "sslkey",
      "sslpassword", "sslrootcert":
      return true
    case "sslidentity":
      // A PKCS #12 file; without it the server would refuse us for a reason hard to guess.
      throw .unsupported(name)
    // This module decides on these: text is UTF-8, and a session is no replication stream.
    case "client_encoding", "replication": droppedParameters.append(name)
    default: return false
    }
    return true
  }

  private mutating func pass(
    _ name: String, _ value: String, to library: ClientLibrary
  ) throws(DatabaseURLError) {
    if library.keywords.contains(name) {
      keywords[name] = value
    } else {
      droppedParameters.append(Self.reported(name))
    }
  }

  /// A parameter's name as a log may show it; a piece of a password may have become a name.
  private static func reported(_ name: String) -> String {
    let isName = name.utf8.allSatisfy { byte in
      (97...122).contains(byte) || byte == UInt8(ascii: "_")
    }
    return isName && name.utf8.count <= 40 ? name : "(a malformed name)"
  }

  /// nil for 0, which means no limit.
  private static func seconds(
    _ name: String, _ value: String
  ) throws(DatabaseURLError) -> Duration? {
    guard let seconds = decimal(value), seconds <= 86400 else { throw .value(of: name) }
    return seconds == 0 ? nil : .seconds(seconds)
  }

  /// `host`, `hostaddr` and `port` as parameters take the place of the URL's own, as in libpq; a
  /// host may be the directory of a Unix socket.
  private mutating func applyHosts(_ parameters: [String: String]) throws(DatabaseURLError) {
    func list(_ name: String) -> [String]? {
      parameters[name]?.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    if let hosts = list("host") {
      let ports = hosts.count == endpoints.count ? endpoints.map(\.port) : nil
      endpoints = hosts.enumerated().map { .init(host: $1, port: ports?[$0] ?? "") }
    }
    if let addresses = list("hostaddr") {
      guard addresses.count == endpoints.count else { throw .value(of: "hostaddr") }
      for (index, address) in addresses.enumerated() { endpoints[index].address = address }
    }
    if let ports = list("port") {
      guard ports.count == endpoints.count || ports.count == 1 else { throw .value(of: "port") }
      for index in endpoints.indices {
        let port = ports.count == 1 ? ports[0] : ports[index]
        endpoints[index].port = try DatabaseURLParser.checkedPort(port)
      }
    }
  }

  /// Prisma's `sslcert` is the CA of the server, libpq's the client's certificate: with a key or
  /// a `sslrootcert` beside it, it is meant as libpq's.
  private mutating func applyTLS(
    _ parameters: [String: String], _ library: ClientLibrary
  ) throws(DatabaseURLError) {
    let modes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]
    if let mode = parameters["sslmode"] {
      guard modes.contains(mode) else { throw .value(of: "sslmode") }
      keywords["sslmode"] = mode
    } else if let ssl = parameters["ssl"] {
      guard ssl == "true" || ssl == "false" else { throw .value(of: "ssl") }
      if ssl == "true" { keywords["sslmode"] = "require" }
    }
    keywords["sslrootcert"] = parameters["sslrootcert"]
    if parameters["sslrootcert"] == "system" {
      // As libpq 16 has it; before, it would take the word for a file's name.
      keywords["sslrootcert"] = library.systemCertificates
      guard ["verify-full", nil].contains(parameters["sslmode"]) else { throw .weakSSLMode }
      keywords["sslmode"] = "verify-full"
    }
    if let key = parameters["sslkey"] {
      keywords["sslkey"] = key
      keywords["sslcert"] = parameters["sslcert"]
      keywords["sslpassword"] = parameters["sslpassword"]
    } else {
      if parameters["sslpassword"] != nil { droppedParameters.append("sslpassword") }
      let name = parameters["sslrootcert"] == nil ? "sslrootcert" : "sslcert"
      if let certificate = parameters["sslcert"] { keywords[name] = certificate }
    }
    switch parameters["sslaccept"] {
    case "strict":
      // Told to check certificates, Prisma checks; told not to use TLS, it does not.
      guard keywords["sslmode"] != "disable" else { return }
      keywords["sslmode"] = "verify-full"
      keywords["sslrootcert"] = keywords["sslrootcert"] ?? library.systemCertificates
    case nil, "accept_invalid_certs": break
    default: throw .value(of: "sslaccept")
    }
  }

  /// Sets what the URL is silent about and libpq's own default does not suit a service.
  private mutating func applyDefaults(_ library: ClientLibrary) {
    var defaults = [
      "application_name": "sessions-fcgi",
      // Without Kerberos the question whether the server has it is a wasted round trip.
      "gssencmode": "disable",
      // A peer that vanished is noticed after 30 + 3 * 10 s of silence.
      "keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3",
    ]
    if let connectTimeout {
      // Ends the attempt on an address that drops our packets, so that libpq tries the next one:
      // its own connect_timeout does nothing in non-blocking use.
      defaults["tcp_user_timeout"] = String(connectTimeout.components.seconds * 1000)
    }
    for (name, value) in defaults where library.keywords.contains(name) {
      keywords[name] = keywords[name] ?? value
    }
    keywords["client_encoding"] = "UTF8"
  }
}
