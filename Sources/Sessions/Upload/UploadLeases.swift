// The leases of the uploads in flight in this process.

package import Logging
package import POSIX
package import Postgres
internal import Synchronization
package import SystemPackage

/// Renews the leases of the uploads that this process works on.
///
/// An upload counts as in flight for 30 s after it was last renewed, so what a dead process leaves
/// is free again after that time: its user's idempotency key, and its place among the limits.
package final class UploadLeases: Sendable {
  private let leased = Mutex<Set<String>>([])
  private let pool: ConnectionPool
  private let log: Logger
  private let stop: Event

  /// A third of the lease: two renewals may fail before it runs out.
  private static let interval: Duration = .seconds(10)
  static let renew: Statement = """
    UPDATE sessions_fcgi.jobs SET "aliveAt" = clock_timestamp() AT TIME ZONE 'UTC'
    WHERE kind = 'upload' AND "sessionId" = ANY ($1::text[])
    """

  package init(pool: ConnectionPool, log: Logger) throws(Errno) {
    self.pool = pool
    self.log = log
    stop = try Event()
  }

  /// The sessions whose uploads are in flight: a copy, made while nothing changes. The set's own
  /// storage, shared past the lock, is safe by its reference count alone, which ThreadSanitizer
  /// does not see.
  var ids: [String] { leased.withLock { Array($0) } }

  /// Does `work` as the upload of session `id`.
  func during<Value: ~Copyable, Failed: Error>(
    _ id: String, _ work: () throws(Failed) -> Value
  ) throws(Failed) -> Value {
    leased.withLock { _ = $0.insert(id) }
    defer { leased.withLock { _ = $0.remove(id) } }
    return try work()
  }

  /// Starts the thread that renews; it ends after `stopRenewing`.
  package func startRenewing(in group: inout ThreadGroup) throws(Errno) {
    try group.start(name: "leases") { self.renewUntilStopped() }
  }

  package func stopRenewing() { stop.signal() }

  private func renewUntilStopped() {
    while !stop.wait(atMost: UploadLeases.interval) {
      let ids = ids
      if ids.isEmpty { continue }
      // Ids are of our own making, so they need no quoting in an array's text.
      let array = "{" + ids.joined(separator: ",") + "}"
      do throws(PostgresError) {
        _ = try pool.execute(
          UploadLeases.renew, [.text(array)], until: .after(UploadLeases.interval),
          repetition: .allowed)
      } catch {
        log.warning("leases were not renewed", metadata: ["cause": .string(error.description)])
      }
    }
  }
}
