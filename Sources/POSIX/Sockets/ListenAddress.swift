// Where a server listens, and opening a socket there.

internal import Glibc
package import SystemPackage

/// Where a server listens.
package enum ListenAddress: Sendable, Equatable {
  /// A Unix socket with its file's permissions and, if named, its group.
  case unix(path: String, mode: UInt32, group: String?)
  /// A TCP port on a numeric address or `localhost`; on another than loopback only if that is said.
  case tcp(host: String, port: UInt16, beyondLoopback: Bool)
}

/// Why a listening socket could not be opened.
package enum ListenError: Error, Equatable {
  /// Another process listens on the Unix socket.
  case inUse
  /// It cannot be found out whether another process listens on the Unix socket.
  case unknown(Errno)
  /// Something that is no socket is at the path.
  case notASocket
  /// The path is too long for a Unix socket's address, empty, or holds a NUL.
  case badPath
  /// The host is no loopback address. FastCGI knows no authentication: whoever reaches the port
  /// can be any user.
  case notLoopback
  /// The host is no numeric address.
  case notNumeric
  /// There is no group of that name.
  case unknownGroup(String)
  /// The socket's file may not be given to the group of that name.
  case groupRefused(String)
  case failed(Errno)
}

extension ListenError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .inUse: "another process listens there"
    case .unknown(let error):
      "a socket is there already, and whether another process listens on it is unknown: \(error)"
    case .notASocket: "there is a file of another kind"
    case .badPath: "the socket's path is empty or longer than 107 bytes"
    case .notLoopback: "it is no loopback address, and whoever reaches a FastCGI port is every user"
    case .notNumeric: "it is no numeric address"
    case .unknownGroup(let name): "there is no group \(name)"
    case .groupRefused(let name):
      "the socket cannot be given to the group \(name), of which this user is no member"
    case .failed(let error): "\(error)"
    }
  }
}

extension Listener {
  /// Connections that may wait. nginx gets EAGAIN from a full queue and answers 502 at once, so
  /// the queue is long; the kernel cuts it to net.core.somaxconn.
  private static let backlog: CInt = 4096

  /// Opens a socket and listens on it.
  package static func open(_ address: ListenAddress) throws(ListenError) -> Listener {
    switch address {
    case .unix(let path, let mode, let group):
      return try openUnix(path: path, mode: mode, group: group)
    case .tcp(let host, let port, let beyondLoopback):
      return try openTCP(host: host, port: port, beyondLoopback: beyondLoopback)
    }
  }

  private static func openTCP(
    host: String, port: UInt16, beyondLoopback: Bool
  ) throws(ListenError) -> Listener {
    let numeric = host == "localhost" ? "127.0.0.1" : host
    var ipv4 = sockaddr_in()
    ipv4.sin_family = sa_family_t(AF_INET)
    ipv4.sin_port = port.bigEndian
    if unsafe inet_pton(AF_INET, numeric, &ipv4.sin_addr) == 1 {
      let isLoopback = UInt32(bigEndian: ipv4.sin_addr.s_addr) >> 24 == 127
      guard isLoopback || beyondLoopback else { throw .notLoopback }
      return try openTCP(&ipv4, family: AF_INET)
    }
    guard host == "::1" || beyondLoopback else { throw .notLoopback }
    var ipv6 = sockaddr_in6()
    ipv6.sin6_family = sa_family_t(AF_INET6)
    ipv6.sin6_port = port.bigEndian
    guard unsafe inet_pton(AF_INET6, numeric, &ipv6.sin6_addr) == 1 else { throw .notNumeric }
    return try openTCP(&ipv6, family: AF_INET6)
  }

  private static func openUnix(
    path: String, mode: UInt32, group: String?
  ) throws(ListenError) -> Listener {
    var file = try SocketFile(claiming: path)
    var address = try file.address()
    let socket = try makeSocket(AF_UNIX)
    // Nobody may connect before the file has its group and its mode. Linux makes it with the mode
    // of the socket; the umask would hold for every thread's files.
    let number = socket.number
    try attempt { fchmod(number, 0) }
    try bind(socket, to: &address)
    file.socketWasBound()
    if let group {
      guard let entry = unsafe getgrnam(group) else { throw .unknownGroup(group) }
      let id = unsafe entry.pointee.gr_gid
      do throws(ListenError) {
        try attempt { unsafe chown(path, uid_t.max, id) }
      } catch {
        throw error == .failed(.notPermitted) ? .groupRefused(group) : error
      }
    }
    try attempt { unsafe chmod(path, mode_t(mode)) }
    return try listen(on: socket, file: file)
  }

  private static func openTCP<Address>(
    _ address: inout Address, family: CInt
  ) throws(ListenError) -> Listener {
    let socket = try makeSocket(family)
    let number = socket.number
    var on: CInt = 1
    // Connections have the last two from their listener. An answer's last piece does not wait for
    // the first to be acknowledged, and an idle connection ends when its host is gone.
    for (level, option) in [
      (SOL_SOCKET, SO_REUSEADDR), (CInt(IPPROTO_TCP), TCP_NODELAY), (SOL_SOCKET, SO_KEEPALIVE),
    ] {
      try attempt { unsafe setsockopt(number, level, option, &on, socklen_t(4)) }
    }
    try bind(socket, to: &address)
    return try listen(on: socket, file: nil)
  }

  private static func makeSocket(_ family: CInt) throws(ListenError) -> OwnedDescriptor {
    let kind = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    return OwnedDescriptor(owning: try attempt { socket(family, kind, 0) })
  }

  private static func bind<Address>(
    _ socket: borrowing OwnedDescriptor, to address: inout Address
  ) throws(ListenError) {
    let number = socket.number
    try attempt {
      unsafe withSocketAddress(&address) { unsafe Glibc.bind(number, $0, $1) }
    }
  }

  private static func listen(
    on socket: consuming OwnedDescriptor, file: consuming SocketFile?
  ) throws(ListenError) -> Listener {
    let number = socket.number
    try attempt { Glibc.listen(number, backlog) }
    do {
      return try Listener(socket: socket, file: file)
    } catch {
      throw .failed(error)
    }
  }
}

/// Runs a C call as `retrying` does; its failure is a listening error.
@discardableResult
func attempt(_ call: () -> CInt) throws(ListenError) -> CInt {
  do {
    return try retrying(call)
  } catch {
    throw .failed(error)
  }
}

/// Lends a socket address in the form the socket calls take it.
func withSocketAddress<Address, Value>(
  _ address: inout Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
) -> Value {
  unsafe withUnsafePointer(to: &address) { pointer in
    unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      unsafe body($0, socklen_t(MemoryLayout<Address>.size))
    }
  }
}
