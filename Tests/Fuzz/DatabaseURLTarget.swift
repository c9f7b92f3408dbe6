// A DATABASE_URL.

// What is handed to libpq stays inside the module.
@testable internal import Postgres

private let library = ClientLibrary(
  keywords: [
    "application_name", "client_encoding", "dbname", "gssencmode", "host", "hostaddr",
    "keepalives_idle", "options", "password", "port", "sslcert", "sslkey", "sslmode", "sslpassword",
    "sslrootcert", "tcp_user_timeout", "user",
  ], systemCertificates: "/system.pem")

/// What may be shown of a URL does not depend on its password, and libpq gets nothing that would
/// end a value early.
@Sendable func fuzzDatabaseURL(_ input: Span<UInt8>) {
  let url: DatabaseURL
  do throws(DatabaseURLError) { url = try DatabaseURL(input, for: library) } catch {
    expectKnownName(in: error)
    return
  }
  for endpoint in url.endpoints {
    for keyword in url.keywords(for: endpoint) {
      expect(library.keywords.contains(keyword.name))
      expect(keyword.value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
    }
  }
  expect(url.description.utf8.allSatisfy { $0 >= 0x20 }, "a second line")
  expect(dumped(url).utf8.elementsEqual("- \(url)\n".utf8), "reflection shows more")
  for name in url.droppedParameters {
    let isName = name.utf8.allSatisfy { 97...122 ~= $0 || $0 == UInt8(ascii: "_") }
    expect(isName && name.utf8.count <= 40 || name == "(a malformed name)")
  }
  guard let other = withOtherPassword(Array(copying: input)) else { return }
  do throws(DatabaseURLError) {
    let changed = try DatabaseURL(other.span, for: library)
    expect(changed.description == url.description, "what is shown depends on the password")
    expect(changed.droppedParameters == url.droppedParameters)
  } catch {
    fatalError("whether it is taken depends on the password: \(error)")
  }
}

/// What `dump` prints, which does without `description`.
private func dumped(_ url: DatabaseURL) -> String {
  var text = ""
  dump(url, to: &text)
  return text
}

/// An error names a parameter only if it is one of those that everybody knows.
private func expectKnownName(in error: DatabaseURLError) {
  let known = [
    "schema", "connection_limit", "pool_timeout", "connect_timeout", "socket_timeout", "pgbouncer",
    "hostaddr", "port", "ssl", "sslmode", "sslaccept", "sslidentity",
  ]
  switch error {
  case .value(let name), .unsupported(let name): expect(known.contains(name), name)
  default: break
  }
}

/// The URL with the password before its host replaced; nil where it has none.
private func withOtherPassword(_ url: [UInt8]) -> [UInt8]? {
  guard let at = url.firstIndex(of: UInt8(ascii: "@")),
    let scheme = url.firstIndex(of: UInt8(ascii: ":")), scheme + 3 <= at,
    let colon = url[(scheme + 3)..<at].firstIndex(of: UInt8(ascii: ":"))
  else { return nil }
  return url[...colon] + Array("another".utf8) + url[at...]
}
