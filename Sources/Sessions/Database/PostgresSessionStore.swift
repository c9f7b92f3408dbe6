// The sessions in PostgreSQL.

internal import HTTPSyntax
package import POSIX
package import Postgres
package import R2

/// The sessions in the app's own tables.
package struct PostgresSessionStore: SessionStore {
  private let pool: ConnectionPool
  private let statements: SessionStatements

  package init(pool: ConnectionPool, schema: QuotedIdentifier) {
    self.pool = pool
    statements = SessionStatements(schema: schema)
  }

  package func begin(
    _ id: String, of identity: Identity, newUserID: String, _ upload: borrowing Upload,
    _ key: IdempotencyKey?, _ limits: UploadLimits, until deadline: Deadline
  ) throws(PostgresError) -> UploadBeginning {
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
  ) throws(PostgresError) -> UploadBeginning {
    let result: QueryResult
    do {
      result = try pool.execute(statements.begin, parameters, until: deadline)
    } catch {
      guard case .statement(let failure) = error, failure.state == .uploadRefused else {
        throw error
      }
      return .refused(failure.message ?? "")
    }
    switch try result.text(0, 0) {
    case "begun": return .begun(audioKey: try result.text(0, 2))
    case "replayed": return .replayed(id: try result.text(0, 1), createdAt: try result.text(0, 3))
    case "mismatch": return .mismatch
    case "in_progress": return .inProgress(retryAfterSeconds: try retryAfter(result))
    case "limited": return .limited(retryAfterSeconds: try retryAfter(result))
    default: throw .malformedValue(column: 0)
    }
  }

  /// Clocks that were set anew make strange differences, of which no client is to be told.
  private func retryAfter(_ result: borrowing QueryResult) throws(PostgresError) -> Int {
    min(max(1, try result.int(0, 4)), 86_400)
  }

  package func finish(
    _ id: String, _ key: ObjectKey, _ announcement: Announcement, until deadline: Deadline
  ) throws(PostgresError) -> UploadEnding {
    let result = try pool.execute(
      statements.finish,
      [
        .text(id), .text(key.text), .boolean(announcement.isPublished),
        .boolean(announcement.isSentByWebhook), .text(optional: announcement.traceparent),
      ], until: deadline, repetition: .allowed)
    switch try result.text(0, 0) {
    case "uploaded": return .uploaded(createdAt: try result.text(0, 1))
    case "deleted": return .deleted
    case "given_up": return .givenUp
    default: throw .malformedValue(column: 0)
    }
  }

  package func fail(_ id: String, message: String, until deadline: Deadline) throws(PostgresError) {
    _ = try pool.execute(
      statements.fail, [.text(id), .text(message)], until: deadline, repetition: .allowed)
  }

  package func list(
    of identity: Identity, _ page: Page, until deadline: Deadline
  ) throws(PostgresError) -> [UInt8] {
    let statement: Statement
    var parameters: [Parameter]
    let user = Parameter.text(identity.externalID)
    let limit = Parameter.integer(page.limit)
    let number = Parameter.integer(page.number)
    switch page.cursor {
    case nil:
      statement = page.filter == nil ? statements.list : statements.filteredList
      parameters = [user, limit, .integer(page.offset), number]
    case .start:
      statement =
        page.filter == nil ? statements.walkFromStart : statements.filteredWalkFromStart
      parameters = [user, limit, number, .null, .null]
    case .after(let createdAt, let id):
      statement = page.filter == nil ? statements.walk : statements.filteredWalk
      parameters = [user, limit, number, .integer(createdAt), .text(id)]
    }
    if let filter = page.filter {
      parameters += [
        .text(optional: filter.search), .text(optional: filter.status),
        .text(optional: filter.language),
      ]
      if page.cursor != nil { parameters.append(.text(filter.mark)) }
    }
    let result = try pool.execute(
      statement, parameters, until: deadline, repetition: .allowed)
    return try result.bytes(0, 0)
  }

  package func show(
    _ id: String, of identity: Identity, until deadline: Deadline
  ) throws(PostgresError) -> ShownSession {
    let result = try pool.execute(
      statements.show, [.text(identity.externalID), .text(id)], until: deadline,
      repetition: .allowed)
    guard try result.bool(0, 0) else { return .unknownUser }
    if try result.isNull(0, 1) { return .noSession }
    return .session(json: try result.bytes(0, 1))
  }

  package func find(
    _ id: String, of identity: Identity, until deadline: Deadline
  ) throws(PostgresError) -> FoundSession {
    let result = try pool.execute(
      statements.find, [.text(identity.externalID), .text(id)], until: deadline,
      repetition: .allowed)
    return try found(result)
  }

  package func delete(
    _ id: String, of identity: Identity, until deadline: Deadline
  ) throws(PostgresError) -> FoundSession {
    let result = try pool.execute(
      statements.delete, [.text(identity.externalID), .text(id)], until: deadline)
    return try found(result)
  }

  private func found(_ result: borrowing QueryResult) throws(PostgresError) -> FoundSession {
    guard try result.bool(0, 0) else { return .unknownUser }
    guard try result.bool(0, 1) else { return .noSession }
    return .session(audioKey: try result.optionalText(0, 2))
  }
}
