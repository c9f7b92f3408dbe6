// The sessions in the database.

internal import POSIX
package import Postgres

/// Reads and writes sessions. Every call is one round trip; nothing read is kept, since others
/// change the tables at any time.
package struct SessionStore: Sendable {
  /// What a user has with some id.
  enum Found: Equatable {
    case unknownUser
    case noSession
    /// The key is nil where there is no recording, or no more.
    case session(audioKey: String?)
  }

  /// A session's JSON, or why there is none.
  enum Shown {
    case unknownUser
    case noSession
    case session(json: [UInt8])
  }

  private let pool: ConnectionPool
  private let statements: SessionStatements

  package init(pool: ConnectionPool, schema: QuotedIdentifier) {
    self.pool = pool
    statements = SessionStatements(schema: schema)
  }

  /// Gets or makes the user, and makes the session as CREATED.
  ///
  /// - Parameter newUserID: taken if the user is new.
  /// - Returns: `users.id`.
  func create(
    _ id: String, of identity: Identity, newUserID: String, _ upload: borrowing Upload,
    until deadline: Deadline
  ) throws(PostgresError) -> String {
    let parameters: [Parameter] = [
      .text(identity.externalID), .text(newUserID), .text(optional: identity.email),
      .text(optional: identity.displayName), .text(id), .integer(upload.durationSeconds),
      .text(upload.language), .text(optional: upload.topic),
    ]
    do {
      return try create(parameters, until: deadline)
    } catch {
      // The user was deleted while the statement looked at them; next time they are made anew.
      guard error.state == .foreignKeyViolation else { throw error }
      return try create(parameters, until: deadline)
    }
  }

  private func create(
    _ parameters: [Parameter], until deadline: Deadline
  ) throws(PostgresError) -> String {
    try pool.execute(statements.create, parameters, until: deadline, repetition: .allowed)
      .text(0, 0)
  }

  /// Marks a session UPLOADED if it still waits for that.
  ///
  /// - Returns: `createdAt` as the client gets it; nil when the session is gone.
  func markUploaded(
    _ id: String, audioKey: String, until deadline: Deadline
  ) throws(PostgresError) -> String? {
    let result = try pool.execute(
      statements.markUploaded, [.text(id), .text(audioKey)], until: deadline, repetition: .allowed)
    return result.rowCount == 0 ? nil : try result.text(0, 0)
  }

  /// Marks a session FAILED if it still waits for its recording.
  func markFailed(
    _ id: String, message: String, until deadline: Deadline
  ) throws(PostgresError) {
    _ = try pool.execute(
      statements.markFailed, [.text(id), .text(message)], until: deadline, repetition: .allowed)
  }

  /// The JSON of a page of the user's sessions.
  func list(
    of identity: Identity, _ page: Page, until deadline: Deadline
  ) throws(PostgresError) -> [UInt8] {
    let user = Parameter.text(identity.externalID)
    let result =
      switch page.cursor {
      case nil:
        try pool.execute(
          statements.list,
          [user, .integer(page.limit), .integer(page.offset), .integer(page.number)],
          until: deadline, repetition: .allowed)
      case .start:
        try pool.execute(
          statements.walk, [user, .integer(page.limit), .integer(page.number), .null, .null],
          until: deadline, repetition: .allowed)
      case .after(let createdAt, let id):
        try pool.execute(
          statements.walk,
          [user, .integer(page.limit), .integer(page.number), .integer(createdAt), .text(id)],
          until: deadline, repetition: .allowed)
      }
    return result.withBytes(0, 0) { Array(copying: $0) }
  }

  /// The JSON of one session with its transcript and insights.
  func show(
    _ id: String, of identity: Identity, until deadline: Deadline
  ) throws(PostgresError) -> Shown {
    let result = try pool.execute(
      statements.show, [.text(identity.externalID), .text(id)], until: deadline,
      repetition: .allowed)
    guard try result.bool(0, 0) else { return .unknownUser }
    if result.isNull(0, 1) { return .noSession }
    return .session(json: result.withBytes(0, 1) { Array(copying: $0) })
  }

  /// Whether the user has the session, and where its recording lies.
  func find(
    _ id: String, of identity: Identity, until deadline: Deadline
  ) throws(PostgresError) -> Found {
    let result = try pool.execute(
      statements.find, [.text(identity.externalID), .text(id)], until: deadline,
      repetition: .allowed)
    guard try result.bool(0, 0) else { return .unknownUser }
    guard try result.bool(0, 1) else { return .noSession }
    return .session(audioKey: try result.optionalText(0, 2))
  }

  /// Deletes the user's session; its transcript and insights go with it.
  func delete(
    _ id: String, of identity: Identity, until deadline: Deadline
  ) throws(PostgresError) {
    _ = try pool.execute(
      statements.delete, [.text(identity.externalID), .text(id)], until: deadline,
      repetition: .allowed)
  }
}
