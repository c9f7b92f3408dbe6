// Connecting to a host by TCP, by a deadline that covers the look-up of its name.

internal import Glibc
internal import Synchronization
package import SystemPackage

/// Why no connection could be made.
package enum ConnectError: Error, Equatable, Sendable {
  /// The name has no address, or the look-up failed: `getaddrinfo`'s `EAI_` code.
  case unresolved(code: CInt)
  /// No address took the connection; the error is that of the last one tried.
  case refused(Errno)
  /// The deadline passed, or every address stayed silent.
  case timedOut
  /// No descriptor was left for the connection, or for the look-up.
  case noDescriptor(Errno)
}

extension ConnectError: CustomStringConvertible {
  /// Plain words without the host's name.
  package var description: String {
    switch self {
    case .unresolved(let code):
      // gai_strerror's texts are constant.
      unsafe "the host's name cannot be resolved: \(String(cString: gai_strerror(code)))"
    case .refused(let error): "no connection: \(error.description)"
    case .timedOut: "no connection: timed out"
    case .noDescriptor(let error): "no file descriptor is left: \(error.description)"
    }
  }
}

extension ConnectError {
  /// What a system call of connecting failed with.
  fileprivate init(_ error: Errno) {
    self =
      if error == .timedOut {
        .timedOut
      } else if error.isDescriptorShortage {
        .noDescriptor(error)
      } else {
        .refused(error)
      }
  }
}

/// Connects to `host`, a name or a numeric address without brackets, trying each of its addresses
/// in the resolver's order.
///
/// - Parameters:
///   - attemptLimit: how long one address may take before the next is tried: an IPv6 address
///     without a route must not use up the time of the IPv4 address behind it.
///   - deadline: bounds everything, resolving included.
/// - Returns: a connected descriptor, non-blocking and with `TCP_NODELAY`.
/// The corresponding C functions are `getaddrinfo` and `connect`.
package func connect(
  to host: String, port: UInt16, attemptLimit: Duration = .seconds(3), until deadline: Deadline
) throws(ConnectError) -> OwnedDescriptor {
  var lastError = ConnectError.timedOut
  for address in try resolve(host, port: port, until: deadline) {
    if deadline.hasPassed { break }
    do {
      return try connect(to: address, until: min(deadline, .after(attemptLimit)))
    } catch {
      lastError = error
    }
  }
  throw lastError
}

private func connect(
  to address: SocketAddress, until deadline: Deadline
) throws(ConnectError) -> OwnedDescriptor {
  do throws(Errno) {
    let type = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let number = try retrying { socket(address.family, type, 0) }
    let connection = OwnedDescriptor(owning: number)
    // The caller writes in large pieces and waits for answers: Nagle's algorithm only delays.
    var on: CInt = 1
    _ = try retrying {
      unsafe setsockopt(number, CInt(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(4))
    }
    try start(connecting: number, to: address)
    guard try wait(for: .writable, on: number, until: deadline) else { throw .timedOut }
    var failure: CInt = 0
    var length = socklen_t(4)
    _ = try retrying { unsafe getsockopt(number, SOL_SOCKET, SO_ERROR, &failure, &length) }
    guard failure == 0 else { throw Errno(rawValue: failure) }
    return connection
  } catch {
    throw ConnectError(error)
  }
}

/// Begins the handshake; a socket that is connected at once is writable at once.
private func start(connecting number: CInt, to address: SocketAddress) throws(Errno) {
  do throws(Errno) {
    _ = try retrying {
      unsafe address.withPointer { pointer, length in unsafe Glibc.connect(number, pointer, length)
      }
    }
  } catch {
    guard error == .nowInProgress else { throw error }
  }
}

/// An address as the kernel takes it.
private struct SocketAddress: Sendable {
  let family: CInt
  private let bytes: [UInt8]

  init(copying info: UnsafeMutablePointer<addrinfo>) {
    unsafe family = info.pointee.ai_family
    unsafe bytes = Array(
      UnsafeRawBufferPointer(start: info.pointee.ai_addr, count: Int(info.pointee.ai_addrlen)))
  }

  func withPointer(_ body: (UnsafePointer<sockaddr>?, socklen_t) -> CInt) -> CInt {
    // Array storage is aligned to 16 bytes, more than any sockaddr asks for.
    unsafe bytes.withUnsafeBytes { buffer in
      let address = unsafe buffer.baseAddress?.assumingMemoryBound(to: sockaddr.self)
      return unsafe body(address, socklen_t(buffer.count))
    }
  }
}

/// The addresses of `host`. A numeric one costs nothing; a name is looked up on a thread of its
/// own, because nothing can interrupt `getaddrinfo`: at the deadline we stop waiting for it, and it
/// ends when the resolver's own timeouts do.
private func resolve(
  _ host: String, port: UInt16, until deadline: Deadline
) throws(ConnectError) -> [SocketAddress] {
  do {
    return try lookUp(host, port: port, flags: AI_NUMERICHOST)
  } catch {
    guard error == .unresolved(code: EAI_NONAME) else { throw error }
  }
  let lookup: Lookup
  do throws(Errno) {
    lookup = try Lookup(of: host, port: port)
    guard try lookup.isFinished.wait(until: deadline) else {
      throw .timedOut
    }
  } catch {
    throw ConnectError(error)
  }
  do {
    return try lookup.result.withLock { $0 }.get()
  } catch {
    // The resolver calls it a failure of name servers.
    if case .unresolved = error, let shortage = descriptorShortage() {
      throw .noDescriptor(shortage)
    }
    throw error
  }
}

/// A look-up on its own thread, which nobody joins: whoever waits may have given up.
private final class Lookup: Sendable {
  let isFinished: Event
  let result = Mutex<Result<[SocketAddress], ConnectError>>(.failure(.timedOut))

  init(of host: String, port: UInt16) throws(Errno) {
    isFinished = try Event()
    _ = try Thread.start(name: "resolver") { [self] in
      let addresses = Result { () throws(ConnectError) in try lookUp(host, port: port, flags: 0) }
      result.withLock { $0 = addresses }
      isFinished.signal()
    }
  }
}

private func lookUp(
  _ host: String, port: UInt16, flags: CInt
) throws(ConnectError) -> [SocketAddress] {
  var hints = unsafe addrinfo()
  unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
  unsafe hints.ai_flags = flags | AI_NUMERICSERV
  var list: UnsafeMutablePointer<addrinfo>?
  let code = unsafe getaddrinfo(host, String(port), &hints, &list)
  guard code == 0 else { throw .unresolved(code: code) }
  defer { unsafe freeaddrinfo(list) }
  var addresses: [SocketAddress] = []
  var next = unsafe list
  while let info = unsafe next {
    unsafe addresses.append(SocketAddress(copying: info))
    unsafe next = info.pointee.ai_next
  }
  return addresses
}
