// The end of the process: requests under way get so long, and no longer.

internal import Glibc
internal import Logging
internal import POSIX
internal import SystemPackage

/// Ends the process if what is under way does not end in time.
///
/// Every request has deadlines of its own, but an upload that comes in slowly may take minutes,
/// and a service manager that loses its patience kills without a word.
struct Drain: ~Copyable {
  private let state: State
  private let thread: Thread

  /// The time runs from now on.
  init(limit: Duration, log: Logger) throws(Errno) {
    let state = try State()
    let deadline = Deadline.after(limit)
    let thread = try Thread.start(name: "drain") {
      guard (try? state.isOver.wait(until: deadline)) != true else { return }
      log.error("requests did not end in time")
      // Other threads are at work still; what exit() does would pull the ground from under them.
      _exit(1)
    }
    self.state = state
    self.thread = thread
  }

  /// All has ended in time.
  consuming func end() {
    state.isOver.signal()
    thread.join()
  }

  private final class State: Sendable {
    let isOver: Event

    init() throws(Errno) { isOver = try Event() }
  }
}
