// DELETE /api/sessions/:id: a session and its recording go.

internal import Gateway
internal import HTTPSyntax
internal import POSIX
internal import Postgres
internal import R2

extension SessionService {
  /// The row goes and a job for its recording stays, with one commit; then the recording goes, and
  /// the job some seconds later, if storage is there. If not, the job stays until it is.
  func delete(
    _ id: String, of identity: Identity, _ record: inout RequestRecord
  ) throws(RequestFailure) -> Response {
    let found = try database(&record) { (deadline) throws(PostgresError) in
      try sessions.delete(id, of: identity, until: deadline)
    }
    switch found {
    case .unknownUser: throw RequestFailure(.userNotFound)
    case .noSession: throw RequestFailure(.sessionNotFound)
    case .session(let audioKey):
      record.sessionID = id
      // What cannot be a key cannot be the key of anything in storage.
      if let key = audioKey.flatMap(ObjectKey.init) { deleteRecording(key, &record) }
    }
    return Response(status: 200, json: ["ok": true])
  }

  /// What stands in the way is for the log alone: the session is deleted, and the job will be done.
  private func deleteRecording(_ key: ObjectKey, _ record: inout RequestRecord) {
    let deadline = Deadline.after(SessionService.deletionTimeout)
    let start = ContinuousClock.now
    defer { record.storage += start.duration(to: .now) }
    guard gate.enter() == .entered else {
      record.postponed = "every place at object storage is taken"
      return
    }
    defer { gate.leave() }
    do {
      try recordings.delete(key, until: deadline)
      outbox.finishDeletion(of: key)
    } catch {
      record.postponed = "\(error)"
    }
  }
}
