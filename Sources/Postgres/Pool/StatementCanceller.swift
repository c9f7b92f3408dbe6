// Ending in the server what nobody here waits for any more.

internal import CPostgres
internal import POSIX
internal import Synchronization
internal import SystemPackage

/// Cancels statements whose deadline has passed: closing the connection alone would leave the
/// server working on them, or waiting for a lock.
///
/// libpq opens a connection of its own for that and waits without a limit for the other side to
/// close it. So each is made on a thread, which its caller leaves behind after a while; when as
/// many as the pool has connections are stuck, no further one is tried.
final class StatementCanceller: Sendable {
  private let limit: Int
  private let running = Atomic(0)

  /// Many round trips; the failed request waits for it.
  private static let patience: Duration = .milliseconds(500)

  init(limit: Int) { self.limit = limit }

  /// Tells the server to give up the statement under way on `connection`, if there is one. Returns
  /// when that is done or takes too long.
  ///
  /// The connection is still open: by it a pooler knows whose statement is meant.
  func cancelStatement(of connection: borrowing Connection) {
    guard let request = connection.cancelRequest(), let task = try? CancelTask(request) else {
      return
    }
    do throws(Errno) {
      guard running.wrappingAdd(1, ordering: .relaxed).newValue <= limit else { throw .wouldBlock }
      _ = try POSIX.Thread.start(name: "cancel") {
        task.run()
        self.running.wrappingAdd(-1, ordering: .relaxed)
      }
    } catch {
      running.wrappingAdd(-1, ordering: .relaxed)
      return
    }
    // Where it cannot be waited for, it is as if it took too long.
    _ = try? task.ended.wait(until: .after(StatementCanceller.patience))
  }
}

/// What the thread and its starter share.
private final class CancelTask: Sendable {
  let ended: Event
  private let request: Mutex<CancelRequest?>

  init(_ request: consuming sending CancelRequest) throws(Errno) {
    ended = try Event()
    self.request = Mutex(request)
  }

  func run() {
    // Nobody else ever wants the lock.
    request.withLock { request in
      request?.send()
      request = nil
    }
    ended.signal()
  }
}

/// Owns what libpq needs to cancel a connection's statement, whatever becomes of the connection.
@safe struct CancelRequest: ~Copyable {
  private let pointer: OpaquePointer

  init(owning pointer: OpaquePointer) { unsafe self.pointer = pointer }

  deinit { unsafe PQfreeCancel(pointer) }

  /// Sends it, and waits until the other side has taken it in. The corresponding C function is
  /// `PQcancel`.
  func send() {
    // Whether it came in time is nothing that anybody could act on.
    _ = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { message in
      unsafe PQcancel(pointer, message.baseAddress, CInt(message.count))
    }
  }
}
