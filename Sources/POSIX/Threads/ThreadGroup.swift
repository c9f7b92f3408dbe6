// Threads that are started and joined together.

internal import Glibc
internal import Synchronization
package import SystemPackage

/// Threads that are joined as one. Threads of a group that is dropped run on by themselves.
package struct ThreadGroup: ~Copyable, Sendable {
  private let running: Running
  private var ids: [pthread_t] = []

  package init() throws(Errno) { running = try Running() }

  /// Starts one more thread. See `Thread.start`.
  package mutating func start(
    name: String, stackBytes: Int = 512 * 1024, _ body: @escaping @Sendable () -> Void
  ) throws(Errno) {
    running.add()
    do throws(Errno) {
      let thread = try Thread.start(name: name, stackBytes: stackBytes) { [running] in
        body()
        running.remove()
      }
      ids.append(thread.release())
    } catch {
      running.remove()
      throw error
    }
  }

  deinit {
    for id in ids { pthread_detach(id) }
  }

  /// Waits until all have ended.
  package consuming func join() {
    let joined = ids
    ids = []
    for id in joined { pthread_join(id, nil) }
  }

  /// Waits until all have ended, or `deadline` has passed.
  ///
  /// - Returns: false for the latter; those that run then run on.
  package consuming func join(until deadline: Deadline) -> Bool {
    running.remove()
    while !running.allEnded.wait(atMost: deadline.remaining) {
      if deadline.hasPassed { return false }
    }
    join()
    return true
  }

  private final class Running: Sendable {
    let allEnded: Event
    /// The threads, and until `join` one more, or a group might look ended between two starts.
    private let count = Mutex(1)

    init() throws(Errno) { allEnded = try Event() }

    func add() { count.withLock { $0 += 1 } }

    func remove() {
      let left = count.withLock { count in
        count -= 1
        return count
      }
      if left == 0 { allEnded.signal() }
    }
  }
}
