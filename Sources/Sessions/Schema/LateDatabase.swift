// A database that is not there yet when the program starts.

package import Logging
package import POSIX
internal import Synchronization
package import SystemPackage

/// Whether the database is still waited for. Until it has come, and turned out to be one that this
/// program can work with, requests are refused and no job is done.
package final class LateDatabase: Sendable {
  private struct State {
    var isAwaited = false
    var failure: SchemaError?
  }

  private let state = Mutex(State())
  private let stopped: Event

  private static let interval: Duration = .seconds(1)

  package init() throws(Errno) { stopped = try Event() }

  var isAwaited: Bool { state.withLock { $0.isAwaited } }

  /// Why the database that has come cannot be worked with; nil as long as that is not known.
  package var failure: SchemaError? { state.withLock { $0.failure } }

  /// Looks for the database. It is waited for from here on if it is not there.
  ///
  /// - Throws: what waiting does not mend.
  package func lookFirst(by check: SchemaCheck, log: Logger) throws(SchemaError) {
    do throws(SchemaError) {
      try LateDatabase.look(by: check, log)
    } catch {
      guard error.isPassing else { throw error }
      log.warning("the database is waited for", metadata: ["cause": .string("\(error)")])
      state.withLock { $0.isAwaited = true }
    }
  }

  /// Starts the thread that waits for the database, if it has to be waited for. It ends when the
  /// database has come, after `stopWaiting`, or with a `failure`, of which it tells `end`.
  package func startWaiting(
    in group: inout ThreadGroup, by check: SchemaCheck, log: Logger,
    end: @escaping @Sendable () -> Void
  ) throws(Errno) {
    guard isAwaited else { return }
    try group.start(name: "database") {
      do throws(SchemaError) {
        try self.wait(by: check, log)
      } catch {
        self.state.withLock { $0.failure = error }
        end()
      }
    }
  }

  package func stopWaiting() { stopped.signal() }

  private func wait(by check: SchemaCheck, _ log: Logger) throws(SchemaError) {
    while !stopped.wait(atMost: LateDatabase.interval) {
      do throws(SchemaError) {
        try LateDatabase.look(by: check, log)
      } catch {
        guard error.isPassing else { throw error }
        continue
      }
      state.withLock { $0.isAwaited = false }
      return log.notice("the database is there")
    }
  }

  private static func look(by check: SchemaCheck, _ log: Logger) throws(SchemaError) {
    try check.requireSchema()
    if try !check.hasTrigger() { log.warning("\(SchemaError.triggerMissing)") }
  }
}
