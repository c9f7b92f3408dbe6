// What the tables have of a user who is to be erased, and its deletion.

internal import POSIX
internal import Postgres

/// A foreign key of another table on users or sessions.
package struct ForeignKey: Sendable {
  let constraint: String
  package let table: String
  let columns: String
  let isOnUsers: Bool
  let action: Action

  enum Action: Sendable { case cascade, setNull, setDefault, refuse }

  /// What it does, in a line.
  package var description: String {
    let effect =
      switch action {
      case .cascade: "its rows go, too (cascade)"
      case .setNull: "emptied (set null)"
      case .setDefault: "gets its default (set default)"
      case .refuse: "refuses, where it has such a row"
      }
    return "\(table) (\(columns)) refers to \(isOnUsers ? "users" : "speaking_sessions"): \(effect)"
  }
}

struct ErasureTables: Sendable {
  private let pool: ConnectionPool
  private let schema: QuotedIdentifier
  private let statements: ErasureStatements

  private static let timeout: Duration = .seconds(60)

  init(pool: ConnectionPool, schema: QuotedIdentifier) {
    self.pool = pool
    self.schema = schema
    statements = ErasureStatements(schema: schema)
  }

  func user(_ externalID: String) throws(PostgresError) -> (id: String, mayDelete: Bool)? {
    let rows = try run(statements.user, [.text(externalID), .text("\(schema.quoted).users")])
    guard rows.rowCount > 0 else { return nil }
    return (try rows.text(0, 0), try rows.bool(0, 1))
  }

  func foreignKeys() throws(PostgresError) -> [ForeignKey] {
    let rows = try run(statements.references, [.text(schema.quoted)])
    var keys: [ForeignKey] = []
    for row in 0..<rows.rowCount {
      let letter = try rows.text(row, 4)
      let action: ForeignKey.Action =
        switch letter {
        case "c": .cascade
        case "n": .setNull
        case "d": .setDefault
        default: .refuse
        }
      keys.append(
        ForeignKey(
          constraint: try rows.text(row, 0), table: try rows.text(row, 1),
          columns: try rows.text(row, 2), isOnUsers: try rows.bool(row, 3), action: action))
    }
    return keys
  }

  func sessions(of userID: String, after last: String) throws(PostgresError) -> [String] {
    let rows = try run(statements.sessions, [.text(userID), .text(last)])
    var ids: [String] = []
    for row in 0..<rows.rowCount { ids.append(try rows.text(row, 0)) }
    return ids
  }

  /// - Returns: how many were there, and those whose recordings are not below `prefix`.
  func deleteSessions(
    _ ids: [String], of userID: String, prefix: String
  ) throws(PostgresError) -> (count: Int, elsewhere: [String]) {
    let rows = try run(
      statements.deleteSessions, [.text(userID), .array(ids), .text(prefix)], isRepeatable: false)
    return (try rows.int(0, 1), try rows.text(0, 2).split(separator: " ").map(String.init))
  }

  func emptySession(_ id: String) throws(PostgresError) {
    let rows = try run(statements.texts, [.text(schema.quoted)])
    var texts: [QuotedIdentifier] = []
    for row in 0..<rows.rowCount {
      if let name = QuotedIdentifier(try rows.text(row, 0)) { texts.append(name) }
    }
    _ = try run(statements.emptySession(texts), [.text(id)])
  }

  /// - Returns: how many there were.
  func forgetUploads(of externalID: String) throws(PostgresError) -> Int {
    try run(statements.forgetUploads, [.text(externalID)], isRepeatable: false).int(0, 0)
  }

  struct Job {
    let id: Int64
    let canBeDone: Bool
    let dueInSeconds: Int
  }

  /// Jobs of objects below `prefix`, and deletions of the sessions given.
  func jobs(below prefix: String, and sessions: [String]) throws(PostgresError) -> [Job] {
    _ = try run(statements.endDeadUploads, [.text(prefix)])
    let rows = try run(statements.jobs, [.text(prefix), .array(sessions)])
    var jobs: [Job] = []
    for row in 0..<rows.rowCount {
      jobs.append(
        Job(
          id: try rows.int64(row, 0), canBeDone: try rows.bool(row, 1),
          dueInSeconds: try rows.int(row, 2)))
    }
    return jobs
  }

  func leaveDeletions(of keys: [String]) throws(PostgresError) {
    _ = try run(statements.deleteObjects, [.array(keys)])
  }

  /// Deletes the row of a user of whom nothing else is left, but for sessions that other tables
  /// hold on to.
  ///
  /// - Returns: false where something new has come.
  func deleteUser(
    _ id: String, prefix: String, heldSessions: [String]
  ) throws(PostgresError) -> Bool {
    let deadline = Deadline.after(ErasureTables.timeout)
    return try pool.withConnection(until: deadline) { (connection) throws(PostgresError) in
      try connection.execute(statements.begin, until: deadline)
      try connection.execute(statements.lockUser, [.text(id)], until: deadline)
      let isSomethingNew = try connection.execute(
        statements.isSomethingNew, [.text(id), .array(heldSessions), .text(prefix)],
        until: deadline
      ).bool(0, 0)
      if !isSomethingNew {
        try connection.execute(statements.deleteUser, [.text(id)], until: deadline)
      }
      try connection.execute(statements.commit, until: deadline)
      return !isSomethingNew
    }
  }

  func emptyUser(_ id: String) throws(PostgresError) {
    _ = try run(statements.emptyUser, [.text(id)])
  }

  private func run(
    _ statement: Statement, _ values: [Parameter], isRepeatable: Bool = true
  ) throws(PostgresError) -> QueryResult {
    try pool.execute(
      statement, values, until: .after(ErasureTables.timeout),
      repetition: isRepeatable ? .allowed : .never)
  }
}

extension PostgresError {
  /// The constraint that forbids what was asked; nil where it failed for another reason.
  var violatedConstraint: String? {
    guard case .statement(let failure) = self, failure.state.classCode == "23" else { return nil }
    return failure.constraint ?? ""
  }
}
