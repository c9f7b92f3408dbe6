// POST /api/sessions: a recording comes in.

internal import Gateway
internal import HTTPSyntax
internal import OpenSSL
internal import POSIX
internal import Postgres
internal import R2

extension SessionService {
  /// Stores an upload: the form is read into a temporary file, the session is made as CREATED
  /// together with a job that outlives this process, the recording goes to storage, and the
  /// session becomes UPLOADED as the job goes.
  func create(
    _ request: inout some Request & ~Copyable, of identity: Identity,
    _ record: inout RequestRecord
  ) throws(RequestFailure) -> Response {
    let upload = try read(&request, &record)
    let key = try idempotencyKey(request.variables)
    let id = try makeID()
    let newUserID = try makeID()
    let beginning = try database(&record, calling: OwnersRule.function) {
      (deadline) throws(PostgresError) in
      try sessions.begin(
        id, of: identity, newUserID: newUserID, upload, key, settings.limits, until: deadline)
    }
    switch beginning {
    case .begun(let audioKey):
      record.sessionID = id
      let createdAt = try leases.during(id) { () throws(RequestFailure) in
        try store(upload, of: id, as: audioKey, &record)
      }
      return created(id, at: createdAt)
    case .replayed(let id, let createdAt):
      record.sessionID = id
      return created(id, at: createdAt)
    case .mismatch: throw RequestFailure(.idempotencyMismatch)
    case .inProgress(let seconds):
      throw RequestFailure(.idempotencyInProgress(retryAfterSeconds: seconds))
    case .limited(let seconds): throw RequestFailure(.rateLimited(retryAfterSeconds: seconds))
    case .refused(let text): throw RequestFailure(OwnersRule.refusal(text))
    }
  }

  /// Brings the recording to storage and its session to UPLOADED.
  ///
  /// - Returns: the session's `createdAt`.
  private func store(
    _ upload: borrowing Upload, of id: String, as text: String, _ record: inout RequestRecord
  ) throws(RequestFailure) -> String {
    guard let audioKey = ObjectKey(text) else {
      throw fail(
        id, RequestFailure(.internalError, cause: "a user's id is too long for a key"), &record)
    }
    do throws(RequestFailure) {
      try put(upload, as: audioKey, &record)
    } catch {
      throw fail(id, error, &record)
    }
    // Should the database's answer be lost, the job decides: sooner or later the session is
    // UPLOADED with its recording, or FAILED without.
    let announcement = outbox.announcement(traceparent: record.traceparent?.text)
    let ending = try database(&record) { (deadline) throws(PostgresError) in
      try sessions.finish(id, audioKey, announcement, until: deadline)
    }
    if case .uploaded(let createdAt) = ending {
      if announcement.isThere { outbox.wake() }
      return createdAt
    }
    outbox.wake()
    throw ending == .deleted
      ? RequestFailure(.sessionNotFound, cause: "deleted during its upload")
      : RequestFailure(.storageUnavailable, cause: "given up by a sweeper or a retry")
  }

  private func put(
    _ upload: borrowing Upload, as key: ObjectKey, _ record: inout RequestRecord
  ) throws(RequestFailure) {
    try storage(&record, for: upload.recording.byteCount) { (deadline) throws(R2Error) in
      try recordings.put(
        upload.recording, as: key, contentType: upload.contentType, until: deadline)
    }
  }

  /// Marks the session FAILED, so that it does not stay behind as if it were under way.
  ///
  /// - Returns: what the client hears: the first failure. The log has both.
  private func fail(
    _ id: String, _ failure: RequestFailure, _ record: inout RequestRecord
  ) -> RequestFailure {
    var failure = failure
    do throws(RequestFailure) {
      try database(&record) { (deadline) throws(PostgresError) in
        try sessions.fail(id, message: "The recording could not be stored", until: deadline)
      }
      outbox.wake()
    } catch {
      failure.cause = [failure.cause, error.cause].compactMap(\.self).joined(separator: "; ")
    }
    return failure
  }

  private func created(_ id: String, at createdAt: String) -> Response {
    var response = Response(
      status: 201,
      json: [
        "id": .string(id), "status": "UPLOADED", "createdAt": .string(createdAt),
        "estimatedWaitSecs": 30,
      ])
    response.headers.append(("Location", "/api/sessions/\(id)"))
    return response
  }

  private func idempotencyKey(_ variables: MetaVariables) throws(RequestFailure) -> IdempotencyKey?
  {
    do {
      return try IdempotencyKey.read(variables.idempotencyKey)
    } catch {
      throw RequestFailure(error)
    }
  }

  private func makeID() throws(RequestFailure) -> String {
    do {
      return try SessionID.make()
    } catch {
      throw RequestFailure(.internalError, cause: error.description)
    }
  }
}
