// The sessions, wherever they are kept.

package import POSIX
package import Postgres
package import R2

/// Reads and writes sessions. Every call is one round trip; nothing read is kept, since others
/// change the tables at any time.
package protocol SessionStore: Sendable {
  /// Begins an upload: gets or makes the user, asks the owner's rule, makes the session as CREATED,
  /// and writes down that its key may come to exist. Where it is refused nothing was done.
  ///
  /// Not repeated when its response is lost: the job that it may have left ends it.
  func begin(
    _ id: String, of identity: Identity, newUserID: String, _ upload: borrowing Upload,
    _ key: IdempotencyKey?, _ limits: UploadLimits, until deadline: Deadline
  ) throws(PostgresError) -> UploadBeginning

  /// Marks a session UPLOADED if it still waits for that, and removes its job with it.
  ///
  /// - Parameters:
  ///   - key: where its recording lies; to be deleted if the session is not to have it.
  ///   - announcement: what is to tell the processing.
  func finish(
    _ id: String, _ key: ObjectKey, _ announcement: Announcement, until deadline: Deadline
  ) throws(PostgresError) -> UploadEnding

  /// Marks a session FAILED if it still waits for its recording, of which nothing is to stay.
  func fail(_ id: String, message: String, until deadline: Deadline) throws(PostgresError)

  /// The JSON of a page of the user's sessions.
  func list(
    of identity: Identity, _ page: Page, until deadline: Deadline
  ) throws(PostgresError) -> [UInt8]

  /// The JSON of one session with its transcript and insights.
  func show(
    _ id: String, of identity: Identity, until deadline: Deadline
  ) throws(PostgresError) -> ShownSession

  /// Whether the user has the session, and where its recording lies.
  func find(
    _ id: String, of identity: Identity, until deadline: Deadline
  ) throws(PostgresError) -> FoundSession

  /// Deletes the user's session; its transcript and insights go with it, and a job for its
  /// recording stays.
  ///
  /// Not repeated when its response is lost: it would find nothing, and say so.
  ///
  /// - Returns: where the deleted session's recording lies.
  func delete(
    _ id: String, of identity: Identity, until deadline: Deadline
  ) throws(PostgresError) -> FoundSession
}

/// What a user has with some id.
package enum FoundSession: Equatable, Sendable {
  case unknownUser
  case noSession
  /// The key is nil where there is no recording, or no more.
  case session(audioKey: String?)
}

/// A session's JSON, or why there is none.
package enum ShownSession: Sendable {
  case unknownUser
  case noSession
  case session(json: [UInt8])
}

/// What came of beginning an upload.
package enum UploadBeginning: Equatable, Sendable {
  case begun(audioKey: String)
  /// The key's upload has succeeded before, with the same content.
  case replayed(id: String, createdAt: String)
  /// The key's upload has succeeded before, with other content.
  case mismatch
  /// The key's upload is in flight.
  case inProgress(retryAfterSeconds: Int)
  case limited(retryAfterSeconds: Int)
  /// The owner's own rule refuses it, with that text.
  case refused(String)
}

/// What tells the processing of an upload, written down as it ends.
package struct Announcement: Sendable, Equatable {
  /// A message of QStash.
  package var isPublished = false
  package var isSentByWebhook = false
  /// The trace of the request, which the webhook carries.
  package var traceparent: String?

  var isThere: Bool { isPublished || isSentByWebhook }
}

/// What came of ending one.
package enum UploadEnding: Equatable, Sendable {
  case uploaded(createdAt: String)
  /// The session was deleted meanwhile.
  case deleted
  /// The upload was taken for dead, and its recording is being deleted.
  case givenUp
}
