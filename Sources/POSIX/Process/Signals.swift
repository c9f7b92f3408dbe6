// Signals, taken by one thread that waits for them.

internal import Glibc

/// A signal that this program acts on.
package enum Signal: CInt, CaseIterable, Sendable {
  case terminate = 15
  case interrupt = 2
  case hangUp = 1
  case user1 = 10
}

/// A signal handler would run on whichever worker the kernel picks, and the system call it
/// interrupts there would look to libfcgi like a broken connection. So every thread blocks the
/// signals, and one waits for them.
package enum Signals {
  /// Blocks every `Signal` for the calling thread and all it starts from now on. Call it before
  /// the first thread is started; see `ignoreWriteSignals` too. The corresponding C
  /// function is `pthread_sigmask`.
  package static func block() {
    var set = makeSet()
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    ignoreWriteSignals()
  }

  /// Makes failing writes return their error instead of ending the process: to a connection that
  /// is gone (EPIPE), and past a limit on a file's size (EFBIG).
  package static func ignoreWriteSignals() {
    _ = signal(SIGPIPE, SIG_IGN)
    _ = signal(SIGXFSZ, SIG_IGN)
  }

  /// Sends this process a signal. The corresponding C function is `kill`.
  package static func send(_ signal: Signal) { kill(getpid(), signal.rawValue) }

  /// Waits for the next of the blocked signals. The corresponding C function is `sigwait`.
  package static func next() -> Signal {
    var set = makeSet()
    var number: CInt = 0
    while true {
      if unsafe sigwait(&set, &number) == 0, let signal = Signal(rawValue: number) {
        return signal
      }
    }
  }

  private static func makeSet() -> sigset_t {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for signal in Signal.allCases { unsafe sigaddset(&set, signal.rawValue) }
    return set
  }
}
