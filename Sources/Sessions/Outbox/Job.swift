// A job that was claimed, and why it may not be done.

internal import Postgres
internal import QStash
internal import R2
internal import Webhook

/// Why a job was not done. What it says is safe to log and to keep.
enum JobError: Error, CustomStringConvertible {
  case storage(R2Error)
  case publisher(QStashError)
  case webhook(WebhookError)
  case noPublisher
  case noReceiver
  case badKey
  case badSession
  case unknownKind
  case unreadable(PostgresError)

  var description: String {
    switch self {
    case .storage(let error): error.description
    case .publisher(let error): error.description
    case .webhook(let error): error.description
    case .noReceiver: "PROCESS_URL and PROCESS_SECRET are not set"
    case .noPublisher: "QSTASH_TOKEN and APP_URL are not set"
    case .badKey: "the job names no possible object"
    case .badSession: "the session's id is not one to tell of"
    case .unknownKind: "the job is of a kind that this program does not know"
    case .unreadable(let error): "the job cannot be read: \(error)"
    }
  }
}

/// One claimed job.
struct Job {
  enum Task {
    case delete(ObjectKey)
    case publish
    case tell(WebhookMessage)
    /// The session of which the app was to be told is gone.
    case nothing
    case impossible(JobError)
  }

  let id: Int64
  private(set) var sessionID = ""
  private(set) var attempts = 0
  private(set) var mayLandLater = false
  /// That of the session, if it still has the recording that is to be deleted.
  private(set) var sessionStatus: String?
  private(set) var task: Task

  /// One that cannot be read fails as any other does: it would be the next one for ever.
  init(_ result: borrowing QueryResult) throws(PostgresError) {
    id = try result.int64(0, 0)
    task = .impossible(.badKey)
    do {
      attempts = try result.int(0, 4)
      mayLandLater = try result.bool(0, 5)
      sessionID = try result.text(0, 2)
      sessionStatus = try result.optionalText(0, 6)
      switch try result.text(0, 1) {
      case "publish": task = .publish
      case OutboxStatements.webhook: try readWebhook(result)
      case "delete":
        if let key = try result.optionalText(0, 3).flatMap(ObjectKey.init) { task = .delete(key) }
      default: task = .impossible(.unknownKind)
      }
    } catch {
      task = .impossible(.unreadable(error))
    }
  }

  private mutating func readWebhook(_ result: borrowing QueryResult) throws(PostgresError) {
    guard try result.bool(0, 9) else { return task = .nothing }
    let message = WebhookMessage(
      sessionID: sessionID, uploadedAt: try result.text(0, 7),
      traceparent: try result.optionalText(0, 8))
    task = message.map { .tell($0) } ?? .impossible(.badSession)
  }
}
