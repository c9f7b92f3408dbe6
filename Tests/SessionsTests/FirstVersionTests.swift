// From a database of the first version to this one, and back.

import POSIX
import Postgres
import Testing

@testable import Sessions

private let latest = Migrator.latestVersion

@Suite struct `Migrating a database of the first version` {
  @Test func `keeps what is in it, and goes on from there`() throws {
    let database = try TestDatabase()
    try database.loadFirstVersion()
    #expect(try database.states() == Array(repeating: .pending, count: latest))
    let older = refusal { () throws(SchemaError) in try database.check.requireSchema() }
    #expect(older?.contains("has version 1 of our schema") == true)
    let rows: Statement = """
      SELECT (SELECT jsonb_agg(s ORDER BY id) FROM speaking_sessions s)::text
        || (SELECT jsonb_agg(u ORDER BY id) FROM users u)::text
        || (SELECT jsonb_agg(t) FROM transcripts t)::text
        || (SELECT jsonb_agg(i) FROM insights i)::text
        || (SELECT jsonb_agg(j ORDER BY id) FROM sessions_fcgi.jobs j)::text
        || (SELECT jsonb_agg(u ORDER BY "sessionId") FROM sessions_fcgi.uploads u)::text
      """
    let before = try #require(try database.value(rows))
    try database.migrate()
    #expect(try database.value(rows) == before)
    try database.check.requireSchema()
    for state in try database.states() {
      guard case .applied = state else {
        Issue.record("\(state)")
        continue
      }
    }
    try database.expectAWholeLife("new")
  }

  @Test func `is not held up by a job that somebody works on`() throws {
    let database = try TestDatabase()
    try database.loadFirstVersion()
    let migrator = database.migrator
    try database.pool.withConnection(until: soon()) { (connection) throws(PostgresError) in
      _ = try connection.execute("BEGIN", until: soon())
      _ = try connection.execute(
        "SELECT FROM sessions_fcgi.jobs FOR UPDATE SKIP LOCKED", until: soon())
      let failure = refusal { () throws(SchemaError) in try migrator.migrate(until: soon()) }
      #expect(failure == nil)
    }
  }

  @Test func `ends in what a new one has`() throws {
    let database = try TestDatabase()
    try database.loadFirstVersion()
    try database.migrate()
    let new = try TestDatabase()
    try new.migrate()
    let definitions: Statement = """
      SELECT string_agg(definition, E'\\n' ORDER BY definition) FROM (
        SELECT pg_get_functiondef(oid) FROM pg_proc
        WHERE pronamespace = 'sessions_fcgi'::regnamespace
        UNION ALL
        SELECT indexdef FROM pg_indexes WHERE schemaname IN ('public', 'sessions_fcgi')
        UNION ALL
        SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL
        SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace IN ('public'::regnamespace, 'sessions_fcgi'::regnamespace)
        UNION ALL
        SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default)
        FROM information_schema.columns WHERE table_schema IN ('public', 'sessions_fcgi')
      ) AS made (definition)
      """
    let made = try #require(try database.value(definitions))
    #expect(try made == new.value(definitions))
  }

  @Test func `keeps its promises to uploads and to the deleted`() throws {
    let database = try TestDatabase()
    try database.loadFirstVersion()
    try database.migrate()
    // As if the dump had been made just now.
    try database.execute(
      "UPDATE sessions_fcgi.uploads SET \"startedAt\" = now() AT TIME ZONE 'UTC'")
    let again: Statement = """
      SELECT outcome || ' ' || session_id FROM sessions_fcgi.begin_upload(
        'demo', 'u', NULL, NULL, 'new', 'webm', 5, 'en', NULL, 'k1', 'h1', 5, 50)
      """
    #expect(try database.value(again) == "replayed s1")
    #expect(
      try database.value("SELECT outcome FROM sessions_fcgi.finish_upload('s2', 'k', false)")
        == "uploaded")
    try database.execute("DELETE FROM users")
    let deletions: Statement = """
      SELECT string_agg("sessionId", ' ' ORDER BY "sessionId") FROM sessions_fcgi.jobs
      WHERE kind = 'delete'
      """
    #expect(try database.value(deletions) == "s1 s2 s3")
  }

  @Test func `leaves its program running`() throws {
    let database = try TestDatabase()
    try database.loadFirstVersion()
    try database.migrate()
    let statements = try TestDatabase.file("first-version-statements.sql")
    try database.pool.withConnection(until: soon()) { (connection) throws(PostgresError) in
      try connection.executeScript(statements, until: soon())
      try check(&connection)
      try connection.executeScript("DEALLOCATE ALL", until: soon())
    }
    // Its `migrate` included.
    for case .pending in try database.states() { Issue.record("a migration is gone") }
    try database.check.requireSchema()
  }

  private func check(_ connection: inout Connection) throws(PostgresError) {
    func row(
      _ statement: Statement, _ connection: inout Connection
    ) throws(PostgresError) -> [String?] {
      let result = try connection.execute(statement, until: soon())
      guard result.rowCount > 0 else { return [] }
      var values: [String?] = []
      for column in 0..<result.columnCount { values.append(try result.optionalText(0, column)) }
      return values
    }
    _ = try row("EXECUTE record", &connection)
    #expect(try row("EXECUTE installed", &connection) == ["\(latest)", "t"])
    #expect(try row("EXECUTE rights", &connection) == ["f", nil])
    #expect(try row("EXECUTE has_trigger", &connection) == ["t"])
    let begin: Statement = """
      EXECUTE begin_upload('other', 'u7', 'a@b.c', 'Other', 's7', 'webm', 5, 'en', NULL, 'k', 'h',
        1, 30)
      """
    let key = "sessions/u7/s7/audio.webm"
    #expect(try row(begin, &connection) == ["begun", "s7", key, nil, nil])
    #expect(try row(begin, &connection).first == "in_progress")
    let limited: Statement = """
      EXECUTE begin_upload('other', 'u', NULL, NULL, 's8', 'webm', 5, 'en', NULL, NULL, NULL,
        1, 30)
      """
    #expect(try row(limited, &connection) == ["limited", "s8", nil, nil, "2"])
    _ = try row("EXECUTE renew('{s7}')", &connection)
    let finish: Statement = "EXECUTE finish_upload('s7', 'sessions/u7/s7/audio.webm', true)"
    #expect(try row(finish, &connection).first == "uploaded")
    #expect(try row(begin, &connection).first == "replayed")
    #expect(try row("EXECUTE delete_session('other', 's7')", &connection) == ["t", "t", key])
    _ = try row("EXECUTE remove_deletion('sessions/u7/s7/audio.webm')", &connection)
    _ = try row("EXECUTE fail_upload('s2', 'no')", &connection)
    #expect(
      try row("SELECT status FROM speaking_sessions WHERE id = 's2'", &connection) == ["FAILED"])
    let claimed = try row("EXECUTE claim_due(900, 'publish')", &connection)
    #expect(claimed == ["2", "publish", "s1", nil, "0", "f"])
    for statement: Statement in [
      "EXECUTE postpone(2, 'unreachable')", "EXECUTE keep(3, 900)", "EXECUTE remove(2)",
      "EXECUTE all_jobs", "EXECUTE give_up(900)", "EXECUTE forget",
    ] {
      _ = try row(statement, &connection)
    }
  }
}
