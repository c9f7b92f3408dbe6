// The sessions in the database.

internal import HTTPSyntax
internal import POSIX
package import Postgres
internal import R2Sign

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

  /// What came of beginning an upload.
  enum Beginning: Equatable {
    case begun(audioKey: String)
    /// The key's upload has succeeded before, with the same content.
    case replayed(id: String, createdAt: String)
    /// The key's upload has succeeded before, with other content.
    case mismatch
    /// The key's upload is in flight.
    case inProgress(retryAfterSeconds: Int)
    case limited(retryAfterSeconds: Int)
  }

  /// What came of ending one.
  enum Ending: Equatable {
    case uploaded(createdAt: String)
    /// The session was deleted meanwhile.
    case deleted
    /// The upload was taken for dead, and its recording is being deleted.
    case givenUp
  }

  private let pool: ConnectionPool
  private let statements: SessionStatements

  package init(pool: ConnectionPool, schema: QuotedIdentifier) {
    self.pool = pool
    statements = SessionStatements(schema: schema)
  }

  /// Begins an upload: gets or makes the user, makes the session as CREATED, and writes down that
  /// its key may come to exist.
  ///
  /// Not repeated when its answer is lost: the job that it may have left ends it.
  func begin(
    _ id: String, of identity: Identity, newUserID: String, _ upload: borrowing Upload,
    _ key: IdempotencyKey?, _ limits: UploadLimits, until deadline: Deadline
  ) throws(PostgresError) -> Beginning {
    let parameters: [Parameter] = [
      .text(identity.externalID), .text(newUserID), .text(optional: identity.email),
      .text(optional: identity.displayName), .text(id),
      .text(AudioKey.fileExtension(upload.subtype)), .integer(upload.durationSeconds),
      .text(upload.language), .text(optional: upload.topic), .text(optional: key?.text),
      .text(optional: key == nil ? nil : upload.contentHash), .integer(limits.inFlight),
      .integer(limits.perHour),
    ]
    do {
      return try begin(parameters, until: deadline)
    } catch {
      // The user was deleted while the statement looked at them; next time they are made anew.
      guard error.state == .foreignKeyViolation else { throw error }
      return try begin(parameters, until: deadline)
    }
  }

  private func begin(
    _ parameters: [Parameter], until deadline: Deadline
  ) throws(PostgresError) -> Beginning {
    let result = try pool.execute(statements.begin, parameters, until: deadline)
    switch try result.text(0, 0) {
    case "begun": return .begun(audioKey: try result.text(0, 2))
    case "replayed": return .replayed(id: try result.text(0, 1), createdAt: try result.text(0, 3))
    case "mismatch": return .mismatch
    case "in_progress": return .inProgress(retryAfterSeconds: try result.int(0, 4))
    case "limited": return .limited(retryAfterSeconds: try result.int(0, 4))
    default: throw .malformedValue(column: 0)
    }
  }

  /// Marks a session UPLOADED if it still waits for that, and removes its job with it.
  ///
  /// - Parameters:
  ///   - key: where its recording lies; to be deleted if the session is not to have it.
  ///   - publishes: whether a job is to tell the processing.
  func finish(
    _ id: String, _ key: ObjectKey, publishes: Bool, until deadline: Deadline
  ) throws(PostgresError) -> Ending {
    let result = try pool.execute(
      statements.finish, [.text(id), .text(key.text), .boolean(publishes)], until: deadline,
      repetition: .allowed)
    switch try result.text(0, 0) {
    case "uploaded": return .uploaded(createdAt: try result.text(0, 1))
    case "deleted": return .deleted
    case "given_up": return .givenUp
    default: throw .malformedValue(column: 0)
    }
  }

  /// Marks a session FAILED if it still waits for its recording, of which nothing is to stay.
  func fail(_ id: String, message: String, until deadline: Deadline) throws(PostgresError) {
    _ = try pool.execute(
      statements.fail, [.text(id), .text(message)], until: deadline, repetition: .allowed)
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
    return try found(result)
  }

  /// Deletes the user's session; its transcript and insights go with it, and a job for its
  /// recording stays.
  ///
  /// Not repeated when its answer is lost: it would find nothing, and say so.
  ///
  /// - Returns: where the deleted session's recording lies.
  func delete(
    _ id: String, of identity: Identity, until deadline: Deadline
  ) throws(PostgresError) -> Found {
    let result = try pool.execute(
      statements.delete, [.text(identity.externalID), .text(id)], until: deadline)
    return try found(result)
  }

  private func found(_ result: borrowing QueryResult) throws(PostgresError) -> Found {
    guard try result.bool(0, 0) else { return .unknownUser }
    guard try result.bool(0, 1) else { return .noSession }
    return .session(audioKey: try result.optionalText(0, 2))
  }
}
