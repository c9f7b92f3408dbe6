// POST /api/sessions: a recording comes in.

internal import OpenSSL
internal import POSIX
internal import Postgres
internal import R2
internal import R2Sign

extension SessionService {
  /// Stores an upload: the form is read into a temporary file, the session is made as CREATED,
  /// the recording goes to storage, the session becomes UPLOADED.
  func create(
    _ exchange: inout some Exchange & ~Copyable, of identity: Identity,
    _ record: inout RequestRecord
  ) throws(Failure) -> Response {
    let upload = try read(&exchange, &record)
    let id = try makeID()
    let newUserID = try makeID()
    record.sessionID = id
    let userID = try database(&record) { (deadline) throws(PostgresError) in
      try store.create(id, of: identity, newUserID: newUserID, upload, until: deadline)
    }
    guard let key = AudioKey.make(userID: userID, sessionID: id, subtype: upload.subtype) else {
      throw Failure(.internalError, cause: "the user's id is too long for an object key")
    }
    try put(upload, of: id, as: key, &record)
    let createdAt = try database(&record) { (deadline) throws(PostgresError) in
      try store.markUploaded(id, audioKey: key.text, until: deadline)
    }
    guard let createdAt else {
      // Deleted while the recording was on its way, which must not outlive its session.
      try remove(key, &record)
      throw Failure(.sessionNotFound)
    }
    return created(id, at: createdAt)
  }

  private func created(_ id: String, at createdAt: String) -> Response {
    struct Body: Encodable {
      let id: String
      let status = "UPLOADED"
      let createdAt: String
      let estimatedWaitSecs = 30
    }
    var response = Response(status: 201, json: Body(id: id, createdAt: createdAt))
    response.headers.append(("Location", "/api/sessions/\(id)"))
    return response
  }

  private func makeID() throws(Failure) -> String {
    do {
      return try SessionID.make()
    } catch {
      throw Failure(.internalError, cause: error.description)
    }
  }

  /// Stores the recording. When that fails, the session does not stay behind as if its upload
  /// were still under way.
  private func put(
    _ upload: borrowing Upload, of id: String, as key: ObjectKey, _ record: inout RequestRecord
  ) throws(Failure) {
    do {
      try storage(&record, for: upload.recording.byteCount) { (deadline) throws(R2Error) in
        _ = try storage.put(
          file: upload.recording.file, byteCount: upload.recording.byteCount,
          sha256: upload.recording.sha256, key: key, contentType: upload.contentType,
          deadline: deadline)
      }
    } catch {
      var failure = error
      do {
        try database(&record) { (deadline) throws(PostgresError) in
          try store.markFailed(
            id, message: "The recording could not be stored", until: deadline)
        }
      } catch {
        // The client hears of the first failure; the log of both.
        failure.cause = [failure.cause, error.cause].compactMap(\.self).joined(separator: "; ")
      }
      throw failure
    }
  }
}
