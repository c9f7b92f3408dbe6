// Walking through sessions of whatever times others have written.

import POSIX
import Postgres
import Testing

@testable import Sessions

@Suite struct `Sessions of any time` {
  @Test(arguments: [1, 2, 3, 100])
  func `are all found by cursor, infinite ones as well`(limit: Int) throws {
    let database = try TestDatabase()
    try database.migrate()
    try database.execute(
      "INSERT INTO users (id, \"externalId\", \"updatedAt\") VALUES ('u', 'demo', now())")
    try database.execute(
      """
      INSERT INTO speaking_sessions (id, "userId", "createdAt", "updatedAt")
      SELECT 's' || chr(96 + n::int), 'u', time::timestamp, 'infinity'
      FROM unnest(ARRAY['infinity', 'infinity', '294276-12-31 23:59:59.999', '10000-01-01',
        '2026-02-18 22:55:18.123', '2026-02-18 22:55:18.123', '1970-01-01',
        '1969-12-31 23:59:59.999', '4713-11-24 00:00 BC', '-infinity', '-infinity'])
        WITH ORDINALITY AS made (time, n)
      """)
    let identity = try Identity(variables([("REMOTE_USER", "demo")]))
    var found: [String] = []
    var cursor: String? = ""
    while let place = cursor, found.count < 20 {
      let page = try Page(Query(bytes("limit=\(limit)&cursor=\(place)")))
      let list = String(
        decoding: try database.store.list(of: identity, page, until: soon()), as: UTF8.self)
      found += list.matches(of: #/"id":"(\w+)"/#).map { String($0.1) }
      cursor = list.firstMatch(of: #/"nextCursor" : "([^"]+)"/#).map { String($0.1) }
    }
    #expect(found == ["sb", "sa", "sc", "sd", "sf", "se", "sg", "sh", "si", "sk", "sj"])
  }

  @Test func `are walked through by cursor where a filter leaves them`() throws {
    let database = try TestDatabase()
    try database.migrate()
    try database.execute(
      "INSERT INTO users (id, \"externalId\", \"updatedAt\") VALUES ('u', 'demo', now())")
    try database.execute(
      """
      INSERT INTO speaking_sessions (id, "userId", topic, language, "updatedAt")
      SELECT 's' || n, 'u', CASE n % 3 WHEN 0 THEN 'Straße ' || n WHEN 1 THEN 'Haus' END,
        CASE n % 2 WHEN 0 THEN 'DE' ELSE 'en' END, now() FROM generate_series(1, 60) AS n
      """)
    let identity = try Identity(variables([("REMOTE_USER", "demo")]))
    var found: Set<String> = []
    var cursor: String? = ""
    var pages = 0
    while let place = cursor, pages < 20 {
      let page = try Page(
        Query(bytes("limit=3&q=STRASSE&language=de&status=CREATED&cursor=\(place)")))
      let list = String(
        decoding: try database.store.list(of: identity, page, until: soon()), as: UTF8.self)
      #expect(list.contains("\"total\" : 10,"))
      found.formUnion(list.matches(of: #/"id":"(\w+)"/#).map { String($0.1) })
      cursor = list.firstMatch(of: #/"nextCursor" : "([^"]+)"/#).map { String($0.1) }
      pages += 1
    }
    #expect(pages == 4)
    #expect(found == Set((1...10).map { "s\($0 * 6)" }))
  }
}
