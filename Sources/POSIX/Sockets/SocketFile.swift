// The file of a Unix socket: claimed by one process at a time.

internal import Glibc
internal import SystemPackage

/// Holds the path of a Unix socket for this process and removes its file at the end.
///
/// A lock file beside it decides between processes, since bind(2) refuses a file that a dead
/// process left as well as one that a living process listens on. The lock ends with its holder,
/// however that dies, and its file stays: removing it would let two processes hold "the" lock.
struct SocketFile: ~Copyable, Sendable {
  private let path: String
  private let lock: OwnedDescriptor
  /// The file, once it is ours; another's that has taken its place is not.
  private var identity: Identity?

  private struct Identity: Equatable {
    let device: dev_t
    let number: ino_t

    /// Nil where there is no file.
    init?(at path: String) {
      var status = stat()
      guard unsafe lstat(path, &status) == 0 else { return nil }
      (device, number) = (status.st_dev, status.st_ino)
    }
  }

  /// Removes a file that nobody listens on any more.
  ///
  /// - Throws: `.inUse`, `.badPath`, `.unknown` where it cannot be found out whether somebody
  ///   listens, or what opening the lock file says.
  init(claiming path: String) throws(ListenError) {
    var address = try SocketFile.address(of: path)
    let lock = try SocketFile.lock(path + ".lock")
    // A program other than this one takes no lock, so ask the socket as well.
    if try SocketFile.isAnswered(&address) { throw .inUse }
    try SocketFile.removeSocket(at: path)
    self.path = path
    self.lock = lock
  }

  deinit {
    if let identity, identity == Identity(at: path) { unsafe unlink(path) }
  }

  /// Says that the socket at the path is the one that was just bound.
  mutating func socketWasBound() { identity = Identity(at: path) }

  /// Removes the socket that a dead process left. Anything else at the path stays.
  private static func removeSocket(at path: String) throws(ListenError) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket }
    unsafe unlink(path)
  }

  private static func lock(_ path: String) throws(ListenError) -> OwnedDescriptor {
    let file = OwnedDescriptor(
      owning: try attempt { unsafe open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600) })
    let number = file.number
    do {
      _ = try retrying { flock(number, LOCK_EX | LOCK_NB) }
    } catch {
      throw error == .wouldBlock ? .inUse : .failed(error)
    }
    return file
  }

  /// Whether somebody listens on the socket at the path; true where we may not connect ourselves.
  static func isAnswered(at path: String) throws(SocketAccessError) -> Bool {
    do throws(ListenError) {
      var address = try address(of: path)
      return try isAnswered(&address)
    } catch .unknown(.permissionDenied) {
      return true
    } catch .failed(let error) {
      throw .failed(error)
    } catch .unknown(let error) {
      throw .failed(error)
    } catch {
      throw .failed(.fileNameTooLong)
    }
  }

  private static func isAnswered(_ address: inout sockaddr_un) throws(ListenError) -> Bool {
    let kind = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let probe = OwnedDescriptor(owning: try attempt { socket(AF_UNIX, kind, 0) })
    do throws(Errno) {
      _ = try retrying {
        unsafe withSocketAddress(&address) { unsafe connect(probe.number, $0, $1) }
      }
      return true
    } catch {
      switch error {
      // A full queue means that somebody listens, and so does a socket of another type.
      case .wouldBlock, .protocolWrongTypeForSocket: return true
      case .connectionRefused, .noSuchFileOrDirectory: return false
      // We may not connect, as to another user's socket, or cannot: that tells nothing.
      default: throw .unknown(error)
      }
    }
  }

  func address() throws(ListenError) -> sockaddr_un { try SocketFile.address(of: path) }

  private static func address(of path: String) throws(ListenError) -> sockaddr_un {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    // One byte stays for the closing NUL.
    guard !bytes.isEmpty, !bytes.contains(0),
      bytes.count < MemoryLayout.size(ofValue: address.sun_path)
    else { throw .badPath }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    return address
  }
}
