// Operating system threads for blocking work.

internal import CPOSIX
internal import Glibc
package import SystemPackage

/// A running thread. Its owner joins it; a thread whose owner goes away runs on by itself.
///
/// Swift's own pools are for work that never blocks; ours waits on sockets and disks.
package struct Thread: ~Copyable, Sendable {
  private let id: pthread_t

  /// Starts a thread that runs `body`. It inherits the caller's signal mask.
  ///
  /// - Parameters:
  ///   - name: shown by `ps -L` and `top -H`; at most 15 bytes of it.
  ///   - stackBytes: the stack's size.
  /// - Throws: what `pthread_create` returns, such as `.resourceTemporarilyUnavailable`.
  package static func start(
    name: String, stackBytes: Int = 512 * 1024, _ body: @escaping @Sendable () -> Void
  ) throws(Errno) -> Thread {
    var id = pthread_t()
    let start = unsafe Unmanaged.passRetained(Start(name: name, body: body))
    let result = unsafe cposix_start_thread(
      &id, UInt(stackBytes),
      { argument in
        guard let argument = unsafe argument else { return nil }
        let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        _ = unsafe cposix_set_thread_name(
          String(decoding: start.name.utf8.prefix(15), as: UTF8.self))
        start.body()
        return nil
      }, start.toOpaque())
    guard result == 0 else {
      unsafe start.release()
      throw Errno(rawValue: result)
    }
    return Thread(id: id)
  }

  private init(id: pthread_t) { self.id = id }

  deinit { pthread_detach(id) }

  /// Waits until the thread has ended. The corresponding C function is `pthread_join`.
  package consuming func join() {
    let id = id
    discard self
    pthread_join(id, nil)
  }

  consuming func release() -> pthread_t {
    let id = id
    discard self
    return id
  }
}

/// What a new thread is handed through pthread's one pointer.
private final class Start: Sendable {
  let name: String
  let body: @Sendable () -> Void

  init(name: String, body: @escaping @Sendable () -> Void) {
    self.name = name
    self.body = body
  }
}
