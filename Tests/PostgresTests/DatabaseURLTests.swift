// What connection URLs mean.

import Testing

@testable import Postgres

/// A libpq of version 15, as far as the tests need it.
let library15 = ClientLibrary(
  keywords: [
    "host", "hostaddr", "port", "user", "password", "dbname", "application_name", "options",
    "connect_timeout", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslpassword", "gssencmode",
    "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count",
    "tcp_user_timeout", "target_session_attrs", "channel_binding", "client_encoding",
  ], systemCertificates: "/bundle.crt")

/// A row of the table: what a URL leads to. What a row is silent about is not looked at.
struct URLCase: Sendable, CustomTestStringConvertible {
  let url: String
  var endpoints: [String]?
  var keywords: [String: String?] = [:]
  var dropped: [String] = []
  var testDescription: String { url }
}

@Suite struct DatabaseURLTests {
  static let authorities = [
    URLCase(
      url: "postgresql://janedoe:mypassword@localhost:5432/mydb?schema=sample",
      endpoints: ["localhost:5432"],
      keywords: ["user": "janedoe", "password": "mypassword", "dbname": "mydb", "schema": nil]),
    URLCase(url: "POSTGRES://u@h/d", endpoints: ["h"], keywords: ["user": "u", "password": nil]),
    URLCase(url: "postgres://h", endpoints: ["h"], keywords: ["user": nil, "dbname": "postgres"]),
    URLCase(url: "postgres://h/", endpoints: ["h"], keywords: ["dbname": "postgres"]),
    URLCase(url: "postgres://", endpoints: ["local socket"]),
    URLCase(url: "postgres:///d", endpoints: ["local socket"], keywords: ["dbname": "d"]),
    URLCase(url: "postgres://u:@h:/d", endpoints: ["h"], keywords: ["password": nil]),
    URLCase(
      url: "postgres://a%40b:p%40ss%3Aw%2Frd%23%3F%25%C3%A9@h/my%20db%2F1",
      keywords: ["user": "a@b", "password": "p@ss:w/rd#?%é", "dbname": "my db/1"]),
    URLCase(url: "postgres://u:a:b+c@h/d", keywords: ["user": "u", "password": "a:b+c"]),
    URLCase(url: "postgres://u@[::1]:6543/d", endpoints: ["::1:6543"]),
    URLCase(url: "postgres://u@[fe80::1%25eth0]/d", endpoints: ["fe80::1%eth0"]),
    URLCase(
      url: "postgres://u@h1:1,h2,[::1]:65535/d", endpoints: ["h1:1", "h2", "::1:65535"]),
    URLCase(url: "postgres://u@%2Fvar%2Frun/d", endpoints: ["/var/run"]),
    URLCase(url: "postgres://u@/d?host=/var/run&port=5433", endpoints: ["/var/run:5433"]),
    URLCase(url: "postgres://u@h:1/d?host=a,b&port=5,6", endpoints: ["a:5", "b:6"]),
    URLCase(url: "postgres://u@h/d?hostaddr=127.0.0.1", endpoints: ["h"]),
    URLCase(url: "postgres://u@h/host%3Devil", keywords: ["dbname": "host=evil"]),
  ]

  static let parameters = [
    URLCase(
      url: "postgres://u@h/d?pgbouncer=true&connection_limit=7&pool_timeout=3&socket_timeout=4"
        + "&connect_timeout=9&statement_cache_size=0&single_use_connections=true",
      keywords: [
        "pgbouncer": nil, "connection_limit": nil, "connect_timeout": nil,
        "tcp_user_timeout": "9000",
      ], dropped: ["statement_cache_size", "single_use_connections"]),
    URLCase(
      url: "postgres://u@h/d",
      keywords: [
        "application_name": "sessions-fcgi", "gssencmode": "disable", "client_encoding": "UTF8",
        "keepalives_idle": "30", "tcp_user_timeout": "5000", "sslmode": nil, "options": nil,
      ]),
    URLCase(
      url: "postgres://u@h/d?application_name=x&gssencmode=prefer&options=-c%20a%3Db"
        + "&keepalives_idle=5&target_session_attrs=read-write&channel_binding=require"
        + "&client_encoding=LATIN1&replication=true",
      keywords: [
        "application_name": "x", "gssencmode": "prefer", "options": "-c a=b",
        "keepalives_idle": "5", "target_session_attrs": "read-write",
        "channel_binding": "require", "client_encoding": "UTF8", "replication": nil,
      ], dropped: ["client_encoding", "replication"]),
    URLCase(
      url: "postgres://u@h/d?require_auth=x&sslnegotiation=direct&Se%20cret=1&nonsense=2",
      dropped: ["require_auth", "sslnegotiation", "(a malformed name)", "nonsense"]),
    URLCase(url: "postgres://u@h/d?options=a&options=b", keywords: ["options": "b"]),
    URLCase(
      url: "postgres://u@h/d?sslmode=require&sslcert=ca.pem",
      keywords: ["sslmode": "require", "sslrootcert": "ca.pem", "sslcert": nil]),
    URLCase(
      url: "postgres://u@h/d?sslmode=verify-ca&sslcert=c&sslkey=k&sslrootcert=r&sslpassword=p",
      keywords: [
        "sslmode": "verify-ca", "sslcert": "c", "sslkey": "k", "sslrootcert": "r",
        "sslpassword": "p",
      ]),
    URLCase(
      url: "postgres://u@h/d?sslpassword=p", keywords: ["sslpassword": nil],
      dropped: ["sslpassword"]),
    URLCase(
      url: "postgres://u@h/d?sslmode=require&sslaccept=strict",
      keywords: ["sslmode": "verify-full", "sslrootcert": "/bundle.crt"]),
    URLCase(
      url: "postgres://u@h/d?sslaccept=strict&sslcert=ca.pem",
      keywords: ["sslmode": "verify-full", "sslrootcert": "ca.pem"]),
    URLCase(
      url: "postgres://u@h/d?sslmode=disable&sslaccept=strict", keywords: ["sslmode": "disable"]),
    URLCase(
      url: "postgres://u@h/d?sslaccept=accept_invalid_certs&sslmode=prefer",
      keywords: ["sslmode": "prefer", "sslaccept": nil]),
    URLCase(
      url: "postgres://u@h/d?sslrootcert=system",
      keywords: ["sslmode": "verify-full", "sslrootcert": "/bundle.crt"]),
    URLCase(
      url: "postgres://u@h/d?sslmode=verify-full&sslrootcert=system",
      keywords: ["sslmode": "verify-full", "sslrootcert": "/bundle.crt"]),
    URLCase(url: "postgres://u@h/d?ssl=true", keywords: ["sslmode": "require", "ssl": nil]),
    URLCase(url: "postgres://u@h/d?", dropped: []),
    URLCase(url: "postgres://u@h?schema=a", keywords: ["dbname": "postgres"]),
  ]

  @Test(arguments: authorities + parameters)
  func urlIsUnderstood(_ row: URLCase) throws {
    let url = try DatabaseURL(row.url, for: library15)
    if let endpoints = row.endpoints { #expect(url.endpoints.map(\.description) == endpoints) }
    for (name, value) in row.keywords { #expect(url.keywords[name] == value, "\(name)") }
    #expect(url.droppedParameters == row.dropped)
  }

  @Test func prismasOwnParametersShapeThePool() throws {
    let silent = try DatabaseURL("postgres://u@h/d", for: library15)
    #expect(silent.schema.quoted == "\"public\"")
    #expect(silent.poolSize == nil && silent.statementTimeout == nil)
    #expect(silent.poolWait == .seconds(10) && silent.connectTimeout == .seconds(5))
    let url = try DatabaseURL(
      "postgres://u@h/d?schema=my%22app&connection_limit=7&pool_timeout=0&connect_timeout=0"
        + "&socket_timeout=4&pgbouncer=true", for: library15)
    #expect(url.schema.quoted == "\"my\"\"app\"")
    #expect(url.poolSize == 7 && url.statementTimeout == .seconds(4))
    #expect(url.poolWait == nil && url.connectTimeout == nil)
    #expect(url.keywords["tcp_user_timeout"] == nil)
  }

  @Test func addressesStayWithTheirHosts() throws {
    let url = try DatabaseURL(
      "postgres://u@a,b:2/d?hostaddr=127.0.0.1,127.0.0.2", for: library15)
    let second = url.keywords(for: url.endpoints[1]).filter { $0.name.hasPrefix("host") }
    #expect(Set(second.map(\.value)) == ["b", "127.0.0.2"])
  }

  static let hostile: [(String, DatabaseURLError)] = [
    ("", .scheme),
    ("mysql://u:hunter2@h/d", .scheme),
    ("postgres:u:hunter2@h", .scheme),
    ("prisma://accelerate.prisma-data.net/?api_key=hunter2", .prismaService),
    ("prisma+postgres://localhost:51213/?api_key=hunter2", .prismaService),
    ("postgres://u:hun@ter2@h/d", .unencodedCharacter),
    ("postgres://u:hun#ter2@h/d", .unencodedCharacter),
    ("postgres://u:1/hunter2@h/d", .unencodedCharacter),
    ("postgres://u:1?hunter2@h/d", .unencodedCharacter),
    ("postgres://u:hunter2%@h/d", .percentEncoding),
    ("postgres://u:hunter2%4@h/d", .percentEncoding),
    ("postgres://u:hunter2%zz@h/d", .percentEncoding),
    ("postgres://u:hunter2%00@h/d", .controlCharacter),
    ("postgres://u:hunter2\u{0}@h/d", .controlCharacter),
    ("postgres://u:hunter2@h/d\n", .controlCharacter),
    ("postgres://u:hunter2 @h/d", .controlCharacter),
    ("postgres://u:hunter2%ff@h/d", .notUTF8),
    ("postgres://u:hunter2@h:0/d", .port),
    ("postgres://u:hunter2@h:65536/d", .port),
    ("postgres://u:hunter2@h:+1/d", .port),
    ("postgres://u:hunter2@h:99999999999999999999/d", .port),
    ("postgres://u:hunter2@h/d?port=x", .port),
    ("postgres://u:hunter2@[::1/d", .host),
    ("postgres://u:hunter2@[::1]x/d", .host),
    ("postgres://u:hunter2@[h]/d", .host),
    ("postgres://u:hunter2@a%2Cb/d", .host),
    ("postgres://u:hunter2@h/d?a", .query),
    ("postgres://u:hunter2@h/d?=a", .query),
    ("postgres://u:hunter2@h/d?a=b=c", .query),
    ("postgres://u:hunter2@h/d?schema=", .value(of: "schema")),
    ("postgres://u:hunter2@h/d?connection_limit=0", .value(of: "connection_limit")),
    ("postgres://u:hunter2@h/d?connection_limit=1e3", .value(of: "connection_limit")),
    ("postgres://u:hunter2@h/d?pool_timeout=-1", .value(of: "pool_timeout")),
    ("postgres://u:hunter2@h/d?socket_timeout=x", .value(of: "socket_timeout")),
    ("postgres://u:hunter2@h/d?pgbouncer=yes", .value(of: "pgbouncer")),
    ("postgres://u:hunter2@h/d?sslmode=no-verify", .value(of: "sslmode")),
    ("postgres://u:hunter2@h/d?sslaccept=maybe", .value(of: "sslaccept")),
    ("postgres://u:hunter2@h/d?sslmode=require&sslrootcert=system", .weakSSLMode),
    ("postgres://u:hunter2@h/d?sslmode=disable&sslrootcert=system", .weakSSLMode),
    ("postgres://u:hunter2@h/d?ssl=1", .value(of: "ssl")),
    ("postgres://u:hunter2@h/d?sslidentity=a.p12", .unsupported("sslidentity")),
    ("postgres://u:hunter2@h,i/d?hostaddr=1.2.3.4", .value(of: "hostaddr")),
    ("postgres://u:hunter2@h/" + String(repeating: "d", count: 8192), .tooLong),
  ]

  @Test(arguments: hostile)
  func badURLIsRefusedByNameAndWithoutItsText(url: String, expected: DatabaseURLError) {
    #expect(throws: expected) { try DatabaseURL(url, for: library15) }
    #expect(!"\(expected)".contains("hunter"))
  }

  @Test func truncationAtEveryByteEnds() throws {
    let whole = Array("postgres://u%40:p%C3%A9@[::1]:5432,h:1/d?schema=a&sslmode=require".utf8)
    for count in 0...whole.count {
      // Whether a piece is a URL of its own does not matter here, only that it is judged.
      _ = try? DatabaseURL(whole.span.extracting(..<count), for: library15)
    }
  }

  @Test func anyBytesAreJudgedWithoutATrap() {
    let seed = Array("postgres://u%40:p%C3%A9@[::1]:5432,h:1/d?port=1,2&sslmode=require".utf8)
    let odd = Array("%@:/?#[]&=,\0\u{7F}0aé".utf8)
    var state: UInt64 = 1
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for _ in 0..<5000 {
      var bytes = seed
      for _ in 0...next(6) { bytes[11 + next(bytes.count - 11)] = odd[next(odd.count)] }
      if let url = try? DatabaseURL(bytes.span, for: library15) { #expect(!url.endpoints.isEmpty) }
    }
  }

  @Test func neitherDescriptionNorDumpShowsSecrets() throws {
    let url = try DatabaseURL("postgres://carla:hunter2@h:1/ledger?sslmode=require", for: library15)
    var dumped = ""
    dump(url, to: &dumped)
    for text in ["\(url)", String(reflecting: url), dumped] {
      #expect(!text.contains("hunter2") && !text.contains("carla") && !text.contains("ledger"))
    }
  }

  @Test func linkedLibraryTellsItsKeywords() {
    let library = ClientLibrary.linked()
    #expect(library.keywords.isSuperset(of: ["host", "sslmode", "application_name"]))
    #expect(!library.keywords.contains("schema"))
  }
}
