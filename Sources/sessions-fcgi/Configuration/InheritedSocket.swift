// What whoever started this process may have handed to it: a listening socket, and whom to tell.

internal import FoundationEssentials
internal import Glibc
internal import POSIX
internal import SystemPackage

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

extension ServiceManager {
  /// The one that started this process, if it wants to be told.
  static func ofThisProcess() throws -> ServiceManager {
    do throws(Errno) {
      return try ServiceManager(ProcessInfo.processInfo.environment)
    } catch {
      throw Unreachable(reason: error)
    }
  }

  private struct Unreachable: Error, CustomStringConvertible {
    let reason: Errno
    var description: String { "the socket that NOTIFY_SOCKET names cannot be used: \(reason)" }
  }
}
