// The owner's own rule for uploads, in a database of its own.

import Gateway
import POSIX
import Postgres
import Testing

@testable import Sessions

@Suite struct `The owner's rule` {
  /// A database whose rule has this body in PL/pgSQL.
  private func database(
    _ body: Statement, schema: String = "public"
  ) throws -> TestDatabase {
    let database = try TestDatabase(schema: schema)
    try database.migrate()
    try database.execute(
      """
      CREATE OR REPLACE FUNCTION sessions_fcgi.may_upload(
        user_id text, external_id text, duration integer)
      RETURNS text LANGUAGE plpgsql AS $$ BEGIN \(body) END $$
      """)
    return database
  }

  private let counts: Statement = """
    SELECT concat_ws(' ', (SELECT count(*) FROM users), (SELECT count(*) FROM speaking_sessions),
      (SELECT count(*) FROM sessions_fcgi.jobs), (SELECT count(*) FROM sessions_fcgi.uploads))
    """

  @Test func `that refuses leaves nothing, and the same key is asked again`() throws {
    let database = try database(
      "INSERT INTO asked VALUES (user_id); RETURN 'Not yet: ' || duration;")
    try database.execute("CREATE TABLE asked (user_id text)")
    #expect(try database.begin("s1", key: "k") == .refused("Not yet: 5"))
    #expect(try database.value(counts) == "0 0 0 0")
    #expect(try database.value("SELECT count(*) FROM asked") == "0")
    try database.execute("DROP FUNCTION sessions_fcgi.may_upload(text, text, integer)")
    try database.migrate()
    guard case .begun = try database.begin("s2", key: "k") else {
      Issue.record("the key is still taken")
      return
    }
    #expect(try database.value(counts) == "1 1 1 1")
  }

  @Test func `finds the user, the app's tables, and our role`() throws {
    let database = try database(
      """
      RETURN concat_ws(' ', (SELECT "externalId" FROM users WHERE id = user_id), external_id,
        current_schema(), current_user = session_user);
      """, schema: "Other")
    #expect(try database.begin("s1") == .refused("demo demo Other t"))
  }

  @Test(arguments: [
    ("22012", "RETURN 1 / (duration - 5);", Refusal.internalError),
    ("P0001", "RAISE EXCEPTION 'the owner''s';", .internalError),
    ("57014", "RAISE EXCEPTION USING ERRCODE = '57014';", .databaseUnavailable),
    ("23503", "RAISE EXCEPTION USING ERRCODE = '23503';", .internalError),
  ])
  func `that fails is named, and never passes`(
    state: String, body: Statement, refusal: Refusal
  ) throws {
    let database = try database(body)
    let failure = try failure(of: database)
    #expect(failure.refusal == refusal)
    #expect(failure.cause?.contains(" \(state)") == true)
    #expect(failure.cause?.hasSuffix(", in sessions_fcgi.may_upload") == true)
    #expect(try database.value(counts) == "0 0 0 0")
  }

  /// PostgreSQL makes such a function a part of what calls it.
  @Test func `that is a mere expression is named, too`() throws {
    let database = try database("RETURN NULL;")
    try database.execute(
      """
      CREATE OR REPLACE FUNCTION sessions_fcgi.may_upload(
        user_id text, external_id text, duration integer)
      RETURNS text LANGUAGE sql AS 'SELECT (1 / (duration - 5))::text'
      """)
    #expect(
      try failure(of: database).cause?.hasSuffix(", in sessions_fcgi.may_upload") == true)
  }

  @Test func `that is missing is named by check and by the log`() throws {
    let database = try database("RETURN NULL;")
    #expect(try database.check.hasOwnersRule())
    try database.execute("DROP FUNCTION sessions_fcgi.may_upload(text, text, integer)")
    #expect(
      try failure(of: database).cause?.hasSuffix(", in sessions_fcgi.may_upload") == true)
    #expect(
      refusal { () throws(SchemaError) in _ = try database.check.hasOwnersRule() }?
        .hasPrefix("the function sessions_fcgi.may_upload") == true)
    try database.migrate()
    #expect(try !database.check.hasOwnersRule())
  }

  @Test func `that takes too long is named as what may be to blame`() throws {
    let database = try database("PERFORM pg_sleep(20); RETURN NULL;")
    let failure = try failure(of: database, within: .seconds(1))
    #expect(failure.refusal == .databaseUnavailable)
    #expect(failure.cause?.hasSuffix(", perhaps because of sessions_fcgi.may_upload") == true)
  }

  private func failure(
    of database: borrowing TestDatabase, within time: Duration = .seconds(60)
  ) throws -> RequestFailure {
    do {
      _ = try database.begin("s1", until: .after(time))
    } catch let error as PostgresError {
      return RequestFailure(error, calling: OwnersRule.function)
    }
    throw Passed()
  }

  private struct Passed: Error {}

  @Test func `is left alone by migrate, and printed before it goes`() throws {
    let database = try database("RETURN 'a rule of ours';")
    try database.migrate()
    #expect(try database.begin("s1") == .refused("a rule of ours"))
    let refused = refusal { () throws(SchemaError) in
      try database.migrator.uninstall(until: soon()) { _ in false }
    }
    #expect(refused == "\(SchemaError.ruleNotKept)")
    #expect(try database.begin("s1") == .refused("a rule of ours"))
    var kept = ""
    try database.migrator.uninstall(until: soon()) {
      kept = $0
      return true
    }
    #expect(kept.hasPrefix("CREATE OR REPLACE FUNCTION sessions_fcgi.may_upload("))
    #expect(kept.contains("a rule of ours"))
    try database.migrate()
    try database.migrator.uninstall(until: soon()) { _ in
      Issue.record("a rule of our own making is nobody's loss")
      return true
    }
  }

  @Test(arguments: [
    ("Record your consent first.", "Record your consent first."),
    ("a\u{0}b\nc\u{1B}[31md\u{7F}\u{85}e\u{301}", "abc[31mde\u{301}"),
    (String(repeating: "é", count: 501), String(repeating: "é", count: 500)),
    (String(repeating: "\n", count: 600) + "end", "end"),
    ("\r\n", "This upload is not allowed"),
    ("", "This upload is not allowed"),
  ])
  func `is told in its words, cut, without control characters`(text: String, told: String) {
    let response = OwnersRule.refusal(text).response
    #expect(response.status == 403)
    #expect(OwnersRule.refusal(text).message == told)
    #expect(OwnersRule.refusal(text).code == "UPLOAD_REFUSED")
  }
}
