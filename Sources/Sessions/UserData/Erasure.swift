// The end of a user: rows, recordings and what waits to be done.

internal import POSIX
package import Postgres
package import R2
internal import SystemPackage

/// Erases a user step by step. The row of the user goes last, so that one who is killed at any step
/// can be repeated, and finds what is left by the user's id.
package struct Erasure: Sendable {
  private let tables: ErasureTables
  private let storage: R2Client
  private let outbox: Outbox
  private let uploadTimeout: Duration

  package init(
    pool: ConnectionPool, schema: QuotedIdentifier, storage: R2Client, outbox: Outbox,
    uploadTimeout: Duration
  ) {
    tables = ErasureTables(pool: pool, schema: schema)
    self.storage = storage
    self.outbox = outbox
    self.uploadTimeout = uploadTimeout
  }

  /// What came of it.
  package struct Outcome: Sendable {
    /// Whether there was such a user. Uploads are remembered by name, also of one who is gone.
    package var isKnown = true
    package var sessions = 0
    package var deletions = 0
    package var uploads = 0
    /// Tables that hold on to the user's row, or to sessions.
    package var refusing: Set<String> = []
  }

  /// How long after its last sign of life an upload counts as under way.
  private static let lease: Duration = .seconds(30)
  /// How often in a row nothing but failures may come of the jobs.
  private static let maxFailures = 3
  /// How often it begins anew, as something has come meanwhile.
  private static let maxRounds = 10
  private static let pause: Duration = .milliseconds(500)

  package func foreignKeys() throws(ErasureError) -> [ForeignKey] {
    try ErasureError.wrapping { () throws(PostgresError) in try tables.foreignKeys() }
  }

  /// - Parameter tell: is told what is waited for.
  package func erase(
    _ externalID: String, _ keys: [ForeignKey], tell: (String) -> Void
  ) throws(ErasureError) -> Outcome {
    var outcome = Outcome()
    guard let user = try read({ () throws(PostgresError) in try tables.user(externalID) }) else {
      outcome.isKnown = false
      outcome.uploads = try forgetUploads(of: externalID)
      return outcome
    }
    guard user.mayDelete else { throw .mayNotDelete }
    guard !user.id.isEmpty, !user.id.contains("/") else { throw .unusableID }
    var held: Set<String> = []
    let prefix = "sessions/\(user.id)/"
    for _ in 0..<Erasure.maxRounds {
      let elsewhere = try deleteSessions(of: user.id, prefix, keys, &held, &outcome)
      outcome.uploads += try forgetUploads(of: externalID)
      try doJobs(below: prefix, and: elsewhere, &outcome, tell)
      if try leaveDeletions(below: prefix) { continue }
      do throws(PostgresError) {
        let isGone = try tables.deleteUser(user.id, prefix: prefix, heldSessions: Array(held))
        if isGone { return outcome }
      } catch {
        guard let constraint = error.violatedConstraint else { throw .database(error) }
        outcome.refusing.insert(keys.table(of: constraint))
        try read { () throws(PostgresError) in try tables.emptyUser(user.id) }
        return outcome
      }
    }
    throw .unending
  }

  private func forgetUploads(of externalID: String) throws(ErasureError) -> Int {
    try read { () throws(PostgresError) in try tables.forgetUploads(of: externalID) }
  }

  /// Deletes all sessions, and empties those that another table holds on to.
  ///
  /// - Returns: those whose recordings are not below the prefix.
  private func deleteSessions(
    of userID: String, _ prefix: String, _ keys: [ForeignKey], _ held: inout Set<String>,
    _ outcome: inout Outcome
  ) throws(ErasureError) -> [String] {
    var elsewhere: [String] = []
    var last = ""
    while true {
      let page = try read { () throws(PostgresError) in
        try tables.sessions(of: userID, after: last)
      }
      guard let end = page.last else { return elsewhere }
      last = end
      // One that is held on to makes its whole page fail.
      let batches = held.isEmpty ? [page] : page.filter { !held.contains($0) }.map { [$0] }
      for batch in batches {
        elsewhere += try delete(batch, of: userID, prefix, keys, &held, &outcome)
      }
    }
  }

  private func delete(
    _ batch: [String], of userID: String, _ prefix: String, _ keys: [ForeignKey],
    _ held: inout Set<String>, _ outcome: inout Outcome
  ) throws(ErasureError) -> [String] {
    do throws(PostgresError) {
      let deleted = try tables.deleteSessions(batch, of: userID, prefix: prefix)
      outcome.sessions += deleted.count
      return deleted.elsewhere
    } catch {
      guard let constraint = error.violatedConstraint else { throw .database(error) }
      guard batch.count == 1, let id = batch.first else {
        var elsewhere: [String] = []
        for id in batch {
          elsewhere += try delete([id], of: userID, prefix, keys, &held, &outcome)
        }
        return elsewhere
      }
      held.insert(id)
      outcome.refusing.insert(keys.table(of: constraint))
      try read { () throws(PostgresError) in try tables.emptySession(id) }
      return [id]
    }
  }

  /// Does the user's jobs until none is left. Uploads that are under way end without their session;
  /// what was cut off may land for a while, and is waited for.
  private func doJobs(
    below prefix: String, and sessions: [String], _ outcome: inout Outcome,
    _ tell: (String) -> Void
  ) throws(ErasureError) {
    let pause = try Pause()
    let deadline = Deadline.after(uploadTimeout + Erasure.lease + .seconds(300))
    var failures = 0
    var isTold = false
    while true {
      let jobs = try read { () throws(PostgresError) in
        try tables.jobs(below: prefix, and: sessions)
      }
      if jobs.isEmpty { return }
      var steps: [Outbox.Step] = []
      for job in jobs where job.canBeDone {
        let step = try read { () throws(PostgresError) in
          try outbox.doJob(.init(id: job.id, kind: "delete"), uploadTimeout: uploadTimeout)
        }
        steps.append(step)
        if step == .done { outcome.deletions += 1 }
        // What stood in its way may stand in the way of all.
        if step == .failed { break }
      }
      if steps.contains(.done) { continue }
      failures = steps.contains(.failed) ? failures + 1 : 0
      guard failures < Erasure.maxFailures, !deadline.hasPassed else { throw .left(jobs.count) }
      if !isTold, steps.isEmpty {
        let seconds = jobs.map(\.dueInSeconds).max() ?? 0
        tell(
          "waiting for \(jobs.count) uploads that are under way or were cut off"
            + (seconds > 0 ? ", for at least \(seconds) s" : ""))
        isTold = true
      }
      pause.wait(Erasure.pause)
    }
  }

  /// Leaves jobs for all objects below a prefix.
  ///
  /// - Returns: whether there were any.
  private func leaveDeletions(below prefix: String) throws(ErasureError) -> Bool {
    var listing = storage.list(prefix: prefix, deadline: .after(.seconds(600)))
    var isAny = false
    while true {
      let page: ListedPage?
      do { page = try listing.nextPage() } catch { throw .storage(error) }
      guard let page else { return isAny }
      if page.objects.isEmpty { continue }
      isAny = true
      try read { () throws(PostgresError) in
        try tables.leaveDeletions(of: page.objects.map(\.key.text))
      }
    }
  }

  private func read<Value>(
    _ body: () throws(PostgresError) -> Value
  ) throws(ErasureError) -> Value {
    try ErasureError.wrapping(body)
  }
}

/// A wait that nothing cuts short.
private struct Pause: ~Copyable {
  private let event: Event

  init() throws(ErasureError) {
    do { event = try Event() } catch { throw .database(.cannotWait(error)) }
  }

  func wait(_ duration: Duration) { _ = event.wait(atMost: duration) }
}

extension [ForeignKey] {
  /// The table that a constraint belongs to, or what it is called where it is none of these.
  fileprivate func table(of constraint: String) -> String {
    first { $0.constraint == constraint }?.table ?? constraint
  }
}

/// Why a user could not be erased. What was done stays done, and it may be repeated.
package enum ErasureError: Error, CustomStringConvertible {
  case database(PostgresError)
  case storage(R2Error)
  case mayNotDelete
  case unusableID
  /// There is always something again.
  case unending
  /// So many jobs could not be done.
  case left(Int)

  package var description: String {
    switch self {
    case .database(let error): error.description
    case .storage(let error): error.description
    case .mayNotDelete: "the role lacks the right for: DELETE on users"
    case .unusableID: "the user's id cannot be part of a key, so no object can be told to be theirs"
    case .unending:
      "after each deletion there was something again: is the user's access closed, or does a lock"
        + " of the bucket keep objects?"
    case .left(let count):
      "\(count) objects could not be deleted (the log has the cause); serve and sweep go on with"
        + " them, and the user's row stays until erase is run again"
    }
  }

  static func wrapping<Value>(
    _ body: () throws(PostgresError) -> Value
  ) throws(ErasureError) -> Value {
    do { return try body() } catch { throw .database(error) }
  }
}
