// Where the database is and how to connect to it, as DATABASE_URL says.

/// A PostgreSQL connection URL as Prisma and libpq know it, in the terms of libpq.
///
/// `postgres://user:password@host:port,host:port/database?parameter=value&...`, every part
/// percent-encoded. What only Prisma knows is translated or dropped; what libpq knows is passed on.
/// libpq is handed keywords and values, never the URL. See libpq, "34.1.1.2. Connection URIs", and
/// Prisma, "PostgreSQL connection URL".
package struct DatabaseURL: Sendable {
  package static let maxBytes = 8192

  /// A libpq keyword with its value, which may be a secret.
  struct Keyword: Sendable, Equatable {
    let name: String
    let value: String
  }

  /// One server the URL names. A host that is empty leaves it to libpq: its Unix socket.
  struct Endpoint: Sendable, Equatable, CustomStringConvertible {
    var host: String
    var address: String?
    var port: String

    /// Names the server in a log; the port of an empty one is libpq's default.
    var description: String {
      let name = host.isEmpty ? address ?? "local socket" : host
      return singleLine(port.isEmpty ? name : "\(name):\(port)")
    }
  }

  /// The schema of the app's tables: `schema`, else "public".
  package var schema = QuotedIdentifier.publicSchema
  /// Connections at most: `connection_limit`; nil where the URL is silent.
  package var poolSize: Int?
  /// How long to wait for a connection of the pool: `pool_timeout`, by default 10 s; nil if that is
  /// 0, Prisma's word for no limit, which leaves the caller's deadline.
  package var poolWait: Duration? = .seconds(10)
  /// How long each host may take to let us in: `connect_timeout`, by default 5 s; nil for 0.
  package var connectTimeout: Duration? = .seconds(5)
  /// How long a statement may take: `socket_timeout`; nil where the URL is silent.
  package var statementTimeout: Duration?
  /// Whether a pooler is said to stand before the server: `pgbouncer`.
  package var isPooled = false
  /// The names of parameters that were left out, for a log; in the URL's order.
  package var droppedParameters: [String] = []

  var endpoints: [Endpoint] = []
  /// All but host, hostaddr and port.
  var keywords: [String: String] = [:]

  /// Reads a URL.
  ///
  /// - Parameters:
  ///   - bytes: the URL, at most `maxBytes`.
  ///   - library: the libpq that is to connect.
  package init(_ bytes: Span<UInt8>, for library: ClientLibrary) throws(DatabaseURLError) {
    var parser = try DatabaseURLParser(bytes)
    try self.init(parser.parse(), for: library)
  }

  /// Reads a URL. The same as for its UTF-8 bytes.
  package init(_ text: String, for library: ClientLibrary) throws(DatabaseURLError) {
    let bytes = Array(text.utf8)
    try self.init(bytes.span, for: library)
  }

  /// What to hand to libpq for one of the servers.
  ///
  /// - Parameter serverTimeout: becomes `statement_timeout`, unless the URL's own `options` set it,
  ///   or a pooler would have to take it along to other clients' statements.
  func keywords(for endpoint: Endpoint, serverTimeout: Duration? = nil) -> [Keyword] {
    var all = keywords
    if let serverTimeout, !isPooled {
      let option = "-c statement_timeout=\(serverTimeout / .milliseconds(1))"
      // Of equal settings the last counts.
      all["options"] = all["options"].map { "\(option) \($0)" } ?? option
    }
    all["host"] = endpoint.host.isEmpty ? nil : endpoint.host
    all["hostaddr"] = endpoint.address
    all["port"] = endpoint.port.isEmpty ? nil : endpoint.port
    return all.map { Keyword(name: $0.key, value: $0.value) }
  }

  /// What no message may show.
  var secrets: [String] {
    ["user", "password", "sslpassword"].compactMap { keywords[$0] }
  }
}

extension DatabaseURL: CustomStringConvertible, CustomReflectable {
  /// Where to, without user, password and database.
  package var description: String { endpoints.map(\.description).joined(separator: ", ") }

  /// Empty, so that `dump` and failing tests do not print the password.
  package var customMirror: Mirror { Mirror(self, children: []) }
}
