// A listening socket that many threads accept from.

internal import CPOSIX
internal import Glibc
package import SystemPackage

/// A listening socket, opened here (see `open`) or inherited.
package struct Listener: ~Copyable, Sendable {
  private let socket: OwnedDescriptor
  /// The file of a Unix socket opened here, held for as long as we listen.
  private let file: SocketFile?

  init(socket: consuming OwnedDescriptor, file: consuming SocketFile?) throws(Errno) {
    let number = socket.number
    // Several threads, or processes, may be told of one connection, and only one of them gets it.
    let flags = try retrying { fcntl(number, F_GETFL) }
    _ = try retrying { fcntl(number, F_SETFL, flags | O_NONBLOCK) }
    self.socket = socket
    self.file = file
  }

  /// Takes over a socket that was opened by whoever started this process.
  package static func inherited(_ number: CInt) throws(Errno) -> Listener {
    _ = try retrying { fcntl(number, F_SETFD, FD_CLOEXEC) }
    return try Listener(socket: OwnedDescriptor(owning: number), file: nil)
  }

  /// Whether descriptor `number` is a socket that listens.
  package static func isListening(_ number: CInt) -> Bool {
    var value: CInt = 0
    var size = socklen_t(MemoryLayout<CInt>.size)
    return unsafe getsockopt(number, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 && value != 0
  }

  /// For calls that borrow it.
  var number: CInt { socket.number }

  /// A connection that waits; its reads and writes give up after `timeout` without progress.
  ///
  /// - Returns: nil where none waits, since another thread took it or its peer has gone.
  /// - Throws: `.tooManyOpenFiles` and the like, which pass; the listener stays usable.
  func accept(timeout: Duration) throws(Errno) -> OwnedDescriptor? {
    let accepted: CInt
    do {
      accepted = try retrying { cposix_accept(socket.number) }
    } catch {
      if error == .wouldBlock || error == .connectionAbort { return nil }
      throw error
    }
    let connection = OwnedDescriptor(owning: accepted)
    try setSocketTimeouts(of: accepted, to: timeout)
    return connection
  }
}

/// Makes reads and writes on the borrowed socket `number` give up (`.wouldBlock`) after `timeout`
/// without progress. The corresponding C options are `SO_RCVTIMEO` and `SO_SNDTIMEO`.
package func setSocketTimeouts(of number: CInt, to timeout: Duration) throws(Errno) {
  let (seconds, attoseconds) = timeout.components
  var limit = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
  let size = socklen_t(MemoryLayout<timeval>.size)
  for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
    _ = try retrying { unsafe setsockopt(number, SOL_SOCKET, option, &limit, size) }
  }
}
