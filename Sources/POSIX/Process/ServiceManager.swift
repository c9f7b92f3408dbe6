// What a service manager is told of this process, by the protocol of sd_notify(3).

internal import Glibc
package import SystemPackage

/// The service manager that started this process and wants to hear of it, such as systemd with
/// `Type=notify`; or nobody, and then what is told goes nowhere.
///
/// The corresponding C functions are `sd_notify` and `sd_watchdog_enabled`.
package final class ServiceManager: Sendable {
  private let socket: OwnedDescriptor?
  /// Within this time it wants to hear `isAlive` again, or it kills the process; nil if it never
  /// does.
  package let watchdogTimeout: Duration?

  /// A manager that takes nothing off its socket does not hold us up for longer.
  private static let sendTimeout: Duration = .seconds(1)

  /// - Parameter variables: the environment, where `NOTIFY_SOCKET` names a path, or after `@` an
  ///   abstract name.
  /// - Throws: why nothing can be told to the one named there.
  package init(_ variables: [String: String]) throws(Errno) {
    watchdogTimeout = ServiceManager.watchdogTimeout(variables)
    guard let name = variables["NOTIFY_SOCKET"], !name.isEmpty else {
      socket = nil
      return
    }
    socket = try ServiceManager.connect(to: Array(name.utf8))
  }

  /// Requests are served from now on.
  package func isReady() { tell("READY=1") }

  package func isAlive() { tell("WATCHDOG=1") }

  /// The end has begun, and comes within `duration`, whatever the manager's own limit is.
  package func isStopping(within duration: Duration) {
    tell("STOPPING=1\nEXTEND_TIMEOUT_USEC=\(duration.components.seconds * 1_000_000)")
  }

  private func tell(_ state: String) {
    // One datagram, whole or not at all; a manager that cannot be told has gone, or will find out.
    let bytes = Array(state.utf8)
    try? socket?.writeAll(bytes.span)
  }

  private static func watchdogTimeout(_ variables: [String: String]) -> Duration? {
    guard let microseconds = variables["WATCHDOG_USEC"].flatMap(Int.init), microseconds > 0,
      variables["WATCHDOG_PID"].map({ $0 == String(getpid()) }) ?? true
    else { return nil }
    return .microseconds(microseconds)
  }

  private static func connect(to name: [UInt8]) throws(Errno) -> OwnedDescriptor {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { throw .fileNameTooLong }
    let isAbstract = name.first == UInt8(ascii: "@")
    let bytes = isAbstract ? [0] + name.dropFirst() : name
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    // An abstract name is as long as the address says; a path ends with a NUL.
    let size = MemoryLayout<sa_family_t>.size + bytes.count + (isAbstract ? 0 : 1)
    let kind = CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
    let socket = OwnedDescriptor(owning: try retrying { Glibc.socket(AF_UNIX, kind, 0) })
    let number = socket.number
    _ = try retrying {
      unsafe withSocketAddress(&address) { pointer, _ in
        unsafe Glibc.connect(number, pointer, socklen_t(size))
      }
    }
    try setSocketTimeouts(of: number, to: sendTimeout)
    return socket
  }
}
