// The listening socket that whoever started this process may have opened for it.

internal import FoundationEssentials
internal import Glibc
internal import POSIX

enum InheritedSocket {
  /// The descriptor: 0 from spawn-fcgi, mod_fcgid, or systemd with `StandardInput=socket`; 3 from
  /// systemd's socket activation, which says so in `LISTEN_FDS` and for which process in
  /// `LISTEN_PID`. Nil when there is none.
  static var number: CInt? {
    if Listener.isListening(STDIN_FILENO) { return STDIN_FILENO }
    let environment = ProcessInfo.processInfo.environment
    guard let count = environment["LISTEN_FDS"].flatMap({ Int($0) }), count >= 1,
      environment["LISTEN_PID"] == String(getpid()), Listener.isListening(firstPassed)
    else { return nil }
    return firstPassed
  }

  /// SD_LISTEN_FDS_START
  private static let firstPassed: CInt = 3
}
