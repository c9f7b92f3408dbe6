// Sockets on 127.0.0.1.

internal import Glibc
package import POSIX
package import SystemPackage

/// A TCP socket that listens on 127.0.0.1, on a port the kernel chose.
package struct LoopbackListener: ~Copyable, Sendable {
  package let descriptor: OwnedDescriptor
  package let port: Int

  package init() throws(Errno) {
    let socket = OwnedDescriptor(
      owning: try retrying { Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0) })
    var address = loopbackAddress(port: 0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    try unsafe withSocketAddress(&address) { (pointer) throws(Errno) in
      _ = try retrying { unsafe bind(socket.number, pointer, length) }
      _ = try retrying { listen(socket.number, 64) }
      _ = try retrying { unsafe getsockname(socket.number, pointer, &length) }
    }
    descriptor = socket
    port = Int(UInt16(bigEndian: address.sin_port))
  }

  /// The next peer, or nil if none comes until `deadline`.
  package func accept(until deadline: Deadline) throws(Errno) -> OwnedDescriptor? {
    guard try wait(for: .readable, on: descriptor.number, until: deadline) else { return nil }
    return OwnedDescriptor(
      owning: try retrying { Glibc.accept(descriptor.number, nil, nil) })
  }
}

/// Connects to a port of 127.0.0.1.
package func connectToLoopback(port: Int) throws(Errno) -> OwnedDescriptor {
  let socket = OwnedDescriptor(
    owning: try retrying { Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0) })
  var address = loopbackAddress(port: port)
  try unsafe withSocketAddress(&address) { (pointer) throws(Errno) in
    _ = try retrying {
      unsafe connect(socket.number, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
  return socket
}

/// A port nobody listens on at this moment.
package func freePort() throws(Errno) -> Int { try LoopbackListener().port }

private func loopbackAddress(port: Int) -> sockaddr_in {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = in_port_t(port).bigEndian
  address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
  return address
}

private func withSocketAddress(
  _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) throws(Errno) -> Void
) throws(Errno) {
  try unsafe withUnsafeMutablePointer(to: &address) { (pointer) throws(Errno) in
    try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
  }
}
