// Sockets for tests: connected pairs, and plain sockets on loopback.

internal import Glibc
package import POSIX
package import SystemPackage

/// What is read at once at the other end of a socket pair.
package enum SocketKind: Sendable {
  /// A stream of bytes, as TCP.
  case stream
  /// Each write is one read at the other end: cuts the bytes where a test wants them cut.
  case packets
}

/// Two connected sockets, which the caller owns.
package func makeSocketPair(_ kind: SocketKind) throws(Errno) -> (near: CInt, far: CInt) {
  var ends: [CInt] = [-1, -1]
  let type = kind == .stream ? SOCK_STREAM : SOCK_SEQPACKET
  let flags = CInt(type.rawValue | SOCK_CLOEXEC.rawValue)
  _ = try retrying { unsafe socketpair(AF_UNIX, flags, 0, &ends) }
  return (ends[0], ends[1])
}

/// Two connected stream sockets with one owner.
package struct SocketPair: ~Copyable, Sendable {
  package let near: OwnedDescriptor
  package let far: OwnedDescriptor

  package init() throws(Errno) {
    let ends = try makeSocketPair(.stream)
    near = OwnedDescriptor(owning: ends.near)
    far = OwnedDescriptor(owning: ends.far)
  }
}

extension OwnedDescriptor {
  /// Says that nothing more will be written; reading goes on.
  package func closeWriting() throws(Errno) {
    _ = try retrying { shutdown(number, CInt(SHUT_WR)) }
  }

  /// Everything that comes until the end.
  package func readToEnd() throws(Errno) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 262_144)
    while true {
      var room = buffer.mutableSpan
      let count = try unsafe room.withUnsafeMutableBytes { (room) throws(Errno) in
        try unsafe read(into: room)
      }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
  }

  /// Lets reads and writes that make no progress fail with `.wouldBlock` after `timeout`.
  package func limitWaiting(to timeout: Duration) throws(Errno) {
    let (seconds, attoseconds) = timeout.components
    var limit = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
    let size = socklen_t(MemoryLayout<timeval>.size)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      _ = try retrying { unsafe setsockopt(number, SOL_SOCKET, option, &limit, size) }
    }
  }

  /// Another number for the same open file, not below `least`. The kernel hands out the lowest
  /// free number, so nobody else gets one up there: a test can tell whether it is still open.
  package func duplicate(notBelow least: CInt) throws(Errno) -> OwnedDescriptor {
    OwnedDescriptor(owning: try retrying { fcntl(number, F_DUPFD_CLOEXEC, least) })
  }
}

/// Whether descriptor `number` is open.
package func isOpen(_ number: CInt) -> Bool { fcntl(number, F_GETFD) >= 0 }
