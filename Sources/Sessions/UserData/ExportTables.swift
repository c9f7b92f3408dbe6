// What the tables have of a user, page by page.

internal import POSIX
internal import Postgres
internal import R2

struct ExportTables: Sendable {
  private let pool: ConnectionPool
  private let statements: ExportStatements

  private static let timeout: Duration = .seconds(60)

  init(pool: ConnectionPool, schema: QuotedIdentifier) {
    self.pool = pool
    statements = ExportStatements(schema: schema)
  }

  struct User: Sendable {
    let id: String
    let externalID: String
    let json: [UInt8]
    /// When it was read, by PostgreSQL's clock (seconds since 1970).
    let now: Int

    /// Where the user's objects are; nil for an id that would make it lead to other users' too.
    var objectPrefix: String? {
      id.isEmpty || id.contains("/") ? nil : "sessions/\(id)/"
    }
  }

  struct Session: Sendable {
    let id: String
    let audioKey: String?
  }

  func user(_ externalID: String) throws(ExportError) -> User? {
    try reading { () throws(PostgresError) in
      let rows = try run(statements.user, [.text(externalID)])
      guard rows.rowCount > 0 else { return nil }
      return User(
        id: try rows.text(0, 1), externalID: externalID, json: try rows.bytes(0, 2),
        now: try rows.int(0, 0))
    }
  }

  func forEachSession(
    of user: User, _ body: (Session) throws(ExportError) -> Void
  ) throws(ExportError) {
    var last = ""
    while true {
      let page = try reading { () throws(PostgresError) in
        let rows = try run(statements.sessions, [.text(user.id), .text(last)])
        var page: [Session] = []
        for row in 0..<rows.rowCount {
          page.append(Session(id: try rows.text(row, 0), audioKey: try rows.optionalText(row, 1)))
        }
        return page
      }
      guard let end = page.last else { return }
      for session in page { try body(session) }
      last = end.id
    }
  }

  /// A session as its page shows it; nil where it is gone.
  func json(of session: Session, of user: User) throws(ExportError) -> [UInt8]? {
    try reading { () throws(PostgresError) in
      let rows = try run(statements.session, [.text(user.externalID), .text(session.id)])
      return try rows.isNull(0, 1) ? nil : try rows.bytes(0, 1)
    }
  }

  /// Whether a session still has the recording.
  func isKept(_ key: ObjectKey, of session: Session, of user: User) throws(ExportError) -> Bool {
    try reading { () throws(PostgresError) in
      try run(statements.isKept, [.text(user.id), .text(session.id), .text(key.text)]).bool(0, 0)
    }
  }

  /// Which of the keys are those of sessions' recordings.
  func recordings(among keys: [String], of user: User) throws(ExportError) -> Set<String> {
    try reading { () throws(PostgresError) in
      let rows = try run(statements.recordings, [.text(user.id), .array(keys)])
      var recordings: Set<String> = []
      for row in 0..<rows.rowCount { recordings.insert(try rows.text(row, 0)) }
      return recordings
    }
  }

  func forEachUpload(
    of user: User, _ body: (String, [UInt8]) throws(ExportError) -> Void
  ) throws(ExportError) {
    try forEachRow(statements.uploads, [.text(user.externalID)], after: "", body)
  }

  func forEachJob(
    of user: User, _ body: (String, [UInt8]) throws(ExportError) -> Void
  ) throws(ExportError) {
    let owner: [Parameter] = [
      .text(user.id), .text(user.externalID), .text(optional: user.objectPrefix),
    ]
    try forEachRow(statements.jobs, owner, after: "0", body)
  }

  func forEachWebhook(
    of user: User, _ body: (String, [UInt8]) throws(ExportError) -> Void
  ) throws(ExportError) {
    try forEachRow(
      statements.webhooks, [.text(user.id), .text(user.externalID)], after: "0", body)
  }

  private func forEachRow(
    _ statement: Statement, _ owner: [Parameter], after start: String,
    _ body: (String, [UInt8]) throws(ExportError) -> Void
  ) throws(ExportError) {
    var last = start
    while true {
      let page = try reading { () throws(PostgresError) in
        let rows = try run(statement, owner + [.text(last)])
        var page: [(String, [UInt8])] = []
        for row in 0..<rows.rowCount {
          page.append((try rows.text(row, 0), try rows.bytes(row, 1)))
        }
        return page
      }
      guard let end = page.last else { return }
      for (name, json) in page { try body(name, json) }
      last = end.0
    }
  }

  private func run(
    _ statement: Statement, _ values: [Parameter]
  ) throws(PostgresError) -> QueryResult {
    try pool.execute(
      statement, values, until: .after(ExportTables.timeout), repetition: .allowed)
  }

  private func reading<Value>(
    _ body: () throws(PostgresError) -> Value
  ) throws(ExportError) -> Value {
    do { return try body() } catch { throw .database(error) }
  }
}
