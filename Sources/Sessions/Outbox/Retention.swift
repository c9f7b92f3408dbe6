// Recordings that are older than they are kept.

internal import POSIX
package import Postgres

/// How long recordings are kept.
package struct RetentionPolicy: Sendable {
  /// Days since a session was made; nil keeps its recording for good.
  package var days: Int?
  /// Of sessions with another status the app may still work on the recording.
  package var statuses: [String]
  /// How many recordings one process takes within an hour.
  package var maxPerHour: Int

  package static let standardStatuses = ["UPLOADED", "DONE", "FAILED"]
  package static let standardMaxPerHour = 36_000

  package init(
    days: Int? = nil, statuses: [String] = standardStatuses, maxPerHour: Int = standardMaxPerHour
  ) {
    self.days = days
    self.statuses = statuses
    self.maxPerHour = maxPerHour
  }
}

extension Outbox {
  /// Sessions that one statement looks at.
  private static let pageRows = 1000

  /// Walks on through the sessions and leaves jobs for recordings that have fallen due.
  ///
  /// - Parameters:
  ///   - maxCount: how many recordings at most.
  ///   - maxPages: how many statements at most.
  /// - Returns: how many, and whether the walk has come to its end, so that the next one begins
  ///   anew.
  package func expireRecordings(
    upTo maxCount: Int, maxPages: Int = .max
  ) throws(PostgresError) -> (count: Int, isAtEnd: Bool) {
    guard let days = retention.days else { return (0, true) }
    var count = 0
    var pages = 0
    while count < maxCount, pages < maxPages {
      let page = try pool.execute(
        statements.expire,
        [
          .integer(days), .array(retention.statuses), .integer(Outbox.pageRows),
          .integer(maxCount - count),
        ], until: .after(.seconds(30)))
      let (due, isAtEnd) = (try page.int(0, 0), try page.bool(0, 1))
      count += due
      pages += 1
      if isAtEnd { return (count, true) }
    }
    return (count, false)
  }

  /// How many recordings are due.
  package func countExpired() throws(PostgresError) -> Int {
    guard let days = retention.days else { return 0 }
    return try pool.execute(
      statements.countExpired, [.integer(days), .array(retention.statuses)],
      until: .after(.seconds(30)), repetition: .allowed
    ).int(0, 0)
  }
}

/// When `serve` looks for recordings that are due: some sessions each minute, and from the start
/// again an hour after all were looked at.
struct RetentionWalk {
  private var next = Deadline.after(.zero)

  /// 28 million sessions a day.
  private static let pagesPerMinute = 20

  mutating func goOn(_ outbox: Outbox) throws(PostgresError) {
    guard outbox.retention.days != nil, next.hasPassed else { return }
    // Also where it fails: it would fail every time.
    next = .after(.seconds(60))
    let (_, isAtEnd) = try outbox.expireRecordings(
      upTo: max(1, outbox.retention.maxPerHour / 60), maxPages: RetentionWalk.pagesPerMinute)
    if isAtEnd { next = .after(.seconds(3600)) }
  }
}
