// Plain sockets on loopback and in the file system, made without the code under test.

package import Glibc
package import POSIX
package import SystemPackage

/// A TCP socket on a free port of 127.0.0.1.
package struct LoopbackSocket: ~Copyable {
  package let descriptor: OwnedDescriptor
  package let port: UInt16

  /// - Parameter listens: without it the port is only kept from others that want a free one.
  package init(listens: Bool) throws(Errno) {
    let type = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    let owner = OwnedDescriptor(owning: try retrying { socket(AF_INET, type, 0) })
    let number = owner.number
    var on: CInt = 1
    _ = try retrying {
      unsafe setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<CInt>.size))
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = try retrying {
      unsafe withUnsafeMutablePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          let result = unsafe bind(number, $0, size)
          return unsafe result == 0 ? getsockname(number, $0, &size) : result
        }
      }
    }
    if listens { _ = try retrying { listen(number, 512) } }
    port = UInt16(bigEndian: address.sin_port)
    descriptor = owner
  }

  /// Gives the socket away.
  package consuming func release() -> CInt { descriptor.release() }
}

/// A Unix socket bound to or connected with a path.
package struct UnixSocket: ~Copyable {
  package let descriptor: OwnedDescriptor

  package static func connected(to path: String) throws(Errno) -> UnixSocket {
    try unsafe UnixSocket(path) { unsafe connect($0, $1, $2) }
  }

  /// Listens on `path`; the file stays behind.
  package static func listening(on path: String) throws(Errno) -> UnixSocket {
    try unsafe UnixSocket(path) {
      let result = unsafe bind($0, $1, $2)
      return result == 0 ? listen($0, 16) : result
    }
  }

  /// Takes `path` with a socket of that type, which does not listen; the file stays behind.
  package static func bound(to path: String, type: __socket_type) throws(Errno) -> UnixSocket {
    try unsafe UnixSocket(path, type: type) { unsafe bind($0, $1, $2) }
  }

  private init(
    _ path: String, type: __socket_type = SOCK_STREAM,
    _ call: (CInt, UnsafePointer<sockaddr>, socklen_t) -> CInt
  ) throws(Errno) {
    let flags = CInt(type.rawValue | SOCK_CLOEXEC.rawValue)
    let owner = OwnedDescriptor(owning: try retrying { socket(AF_UNIX, flags, 0) })
    let number = owner.number
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
    _ = try retrying {
      unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe call(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
    }
    descriptor = owner
  }
}
