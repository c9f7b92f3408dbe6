// Whether an account of this machine can connect to a Unix socket.

internal import Glibc
package import SystemPackage

/// Who gets to a Unix socket. Read from owners, groups and modes, since only root could try it as
/// another; what an access control list adds or takes is not seen.
package struct SocketAccess: Sendable {
  /// Whether every account of the machine gets there.
  package let isOpenToAll: Bool

  /// - Throws: why `account` cannot connect to the socket at `path`.
  package init(of account: String, to path: String) throws(SocketAccessError) {
    let user = try Account(named: account)
    guard let resolved = unsafe realpath(path, nil) else {
      throw errno == ENOENT ? .missing : .failed(Errno(rawValue: errno))
    }
    defer { unsafe free(resolved) }
    let names = unsafe String(cString: resolved).split(separator: "/")
    var isOpenToAll = true
    for count in names.indices {
      let directory = "/" + names[..<count].joined(separator: "/")
      let status = try SocketAccess.status(of: directory)
      guard user.has(S_IXOTH, on: status) else {
        throw .closedDirectory(directory, account: account, mode: status.st_mode & 0o7777)
      }
      isOpenToAll = isOpenToAll && status.st_mode & S_IXOTH != 0
    }
    let status = try SocketAccess.status(of: path)
    guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket }
    guard user.has(S_IWOTH, on: status) else {
      throw .closed(
        account: account, mode: status.st_mode & 0o7777, group: groupName(status.st_gid))
    }
    guard try SocketFile.isAnswered(at: path) else { throw .nobodyListens }
    self.isOpenToAll = isOpenToAll && status.st_mode & S_IWOTH != 0
  }

  private static func status(of path: String) throws(SocketAccessError) -> stat {
    var status = stat()
    do throws(Errno) {
      _ = try retrying { unsafe stat(path, &status) }
    } catch {
      throw .failed(error)
    }
    return status
  }
}

package enum SocketAccessError: Error, Equatable {
  case unknownAccount(String)
  case missing
  case notASocket
  case closedDirectory(String, account: String, mode: UInt32)
  case closed(account: String, mode: UInt32, group: String)
  case nobodyListens
  case failed(Errno)
}

extension SocketAccessError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unknownAccount(let name): "there is no user \(name)"
    case .missing: "there is none: does `serve` run, and with that --listen?"
    case .notASocket: "there is a file of another kind"
    case .closedDirectory(let path, let account, let mode):
      "\(account) may not pass through \(path), whose mode is \(octal(mode))"
    case .closed(let account, let mode, let group):
      "\(account) may not connect: its mode is \(octal(mode)), its group \(group)"
        + " (serve --socket-group)"
    case .nobodyListens: "nobody listens there"
    case .failed(let error): "\(error)"
    }
  }
}

private func octal(_ mode: UInt32) -> String { "0" + String(mode, radix: 8) }

private func groupName(_ id: gid_t) -> String {
  guard let entry = unsafe getgrgid(id), let name = unsafe entry.pointee.gr_name else {
    return "\(id)"
  }
  return unsafe String(cString: name)
}

/// A user with all its groups.
private struct Account {
  let id: uid_t
  let groups: [gid_t]

  init(named name: String) throws(SocketAccessError) {
    guard let entry = unsafe getpwnam(name) else { throw .unknownAccount(name) }
    id = unsafe entry.pointee.pw_uid
    let group = unsafe entry.pointee.pw_gid
    // NGROUPS_MAX
    var groups = [gid_t](repeating: group, count: 65536)
    var count = CInt(groups.count)
    unsafe getgrouplist(name, group, &groups, &count)
    self.groups = Array(groups.prefix(Int(count)))
  }

  /// - Parameter permission: as it is written for others.
  func has(_ permission: mode_t, on status: stat) -> Bool {
    if id == 0 { return true }
    if status.st_uid == id { return status.st_mode & permission << 6 != 0 }
    if groups.contains(status.st_gid) { return status.st_mode & permission << 3 != 0 }
    return status.st_mode & permission != 0
  }
}
